package dev.sluice.listen.budget;

import java.util.concurrent.TimeUnit;

/**
 * Whether a connection goes on with its frame while others wait for the memory that the frame holds. Polled once a
 * second: it has to bring a thirtieth of what it holds, and 1 KB at least. Who did not at three polls, without one
 * between at which it did, is too slow. So what a frame holds costs its shipper as much again every half a minute.
 *
 * <p>A poll counts only when a read was asked for and the bytes were missing: a connection that waits for Sluice, or
 * for the database, is not slow. Polls are counted, not seconds: a process that stood still does not poll. On the
 * connection's event loop only.
 */
public final class FramePace {

    public static final long POLL_NANOS = TimeUnit.SECONDS.toNanos(1);
    static final int POLLS_MAX = 3;
    static final int BYTES_MIN = 1024;
    static final int SECONDS_MAX = 30;

    private long bytes;
    private long polledNanos;
    private long bytesSeen;
    private long movesSeen;
    private int slowPolls;

    /** {@code count} bytes came. */
    public void read(int count) {
        bytes += count;
    }

    /** Nobody waits for it. */
    public void restart(long nowNanos) {
        polledNanos = nowNanos;
        bytesSeen = bytes;
        slowPolls = 0;
    }

    /**
     * Polls whether it is too slow.
     *
     * @param held what its incomplete frame holds
     * @param isAsked whether it is the shipper that has to do something
     * @param moves what {@link MemoryBudget#moves} says
     */
    public boolean isTooSlow(long nowNanos, int held, boolean isAsked, long moves) {
        if (nowNanos - polledNanos < POLL_NANOS) {
            return false;
        }
        boolean isStandstill = moves >= 0 && moves == movesSeen; // a stalled database closes nobody
        if (bytes - bytesSeen >= Math.max(BYTES_MIN, held / SECONDS_MAX)) {
            slowPolls = 0;
        } else if (isAsked && !isStandstill) {
            slowPolls++;
        }
        polledNanos = nowNanos;
        bytesSeen = bytes;
        movesSeen = moves;
        return slowPolls >= POLLS_MAX;
    }
}
