package dev.sluice.listen.connection;

import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import org.jspecify.annotations.Nullable;

/**
 * Whether the time of one connection is over: it never sent anything, it is idle, or it is old. Ages are drawn from the
 * last fifth of the limit, so that connections that were made together do not all move together.
 */
final class Lifetime {

    private static final double YOUNGEST = 0.8;

    private final Limits.Times times;
    private final long openedNanos;
    private final long ageNanos;

    /** When it was last seen not to be free: what it waits for is not its silence. */
    private long busyNanos;

    /**
     * Of a connection that begins at {@code openedNanos}.
     *
     * @param lot where in the last fifth its age ends, from 0 to 1
     */
    Lifetime(Limits.Times times, long openedNanos, double lot) {
        this.times = times;
        this.openedNanos = openedNanos;
        busyNanos = openedNanos;
        ageNanos = (long) (times.age().toNanos() * (YOUNGEST + (1 - YOUNGEST) * lot));
    }

    /**
     * Why it is over, or null; asked now and then.
     *
     * @param isSilent whether nothing ever came
     * @param isFree whether it may send, and nothing is due to it
     */
    @Nullable
    CloseReason over(long nowNanos, boolean isSilent, boolean isFree, long lastReadNanos) {
        if (!isFree) {
            busyNanos = nowNanos;
        }
        long lived = nowNanos - openedNanos;
        if (ageNanos > 0 && lived >= ageNanos) {
            return CloseReason.MAX_AGE;
        }
        long silent = times.firstByte().toNanos();
        if (silent > 0 && isSilent && lived >= silent) {
            return CloseReason.FIRST_BYTE_TIMEOUT;
        }
        long idle = times.idle().toNanos();
        long quiet = Math.min(nowNanos - busyNanos, nowNanos - lastReadNanos);
        return idle > 0 && quiet >= idle ? CloseReason.IDLE_TIMEOUT : null;
    }
}
