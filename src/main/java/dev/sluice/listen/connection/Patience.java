package dev.sluice.listen.connection;

import java.time.Duration;

/**
 * How long a connection may take for what it owes, counted in polls: time without polls is not the shipper's. What it
 * sent may lie in the kernel while the process stands still or its event loop has too much to do, and a peer that is
 * closed then connects anew and makes it more. So a poll counts for a tenth of the limit at most, and for a third of
 * that when something had come since the one before. On the connection's event loop only.
 */
final class Patience {

    /** So often {@link ConnectionSweeper} polls within the limit, and so many polls it lasts at least. */
    static final int POLLS_PER_LIMIT = 10;

    private static final int ACTIVE_POLLS = 3;

    private final long limitNanos;
    private long polledNanos;
    private long silentNanos;
    private long activeNanos;

    /** It begins at {@code nowNanos}; a limit of 0 is none. */
    Patience(Duration limit, long nowNanos) {
        limitNanos = limit.isZero() ? Long.MAX_VALUE : limit.toNanos();
        polledNanos = nowNanos;
    }

    /**
     * Polls whether it is over.
     *
     * @param isActive whether something came since the last poll
     */
    boolean isOver(long nowNanos, boolean isActive) {
        long passed = Math.min(nowNanos - polledNanos, limitNanos / POLLS_PER_LIMIT);
        polledNanos = nowNanos;
        activeNanos += isActive ? passed : 0;
        silentNanos += isActive ? 0 : passed;
        return silentNanos + activeNanos / ACTIVE_POLLS >= limitNanos;
    }
}
