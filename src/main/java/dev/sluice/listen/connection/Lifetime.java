package dev.sluice.listen.connection;

import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import java.util.concurrent.ThreadLocalRandom;
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

    Lifetime(Limits.Times times, long openedNanos, double lot) {
        this.times = times;
        this.openedNanos = openedNanos;
        ageNanos = (long) (times.age().toNanos() * (YOUNGEST + (1 - YOUNGEST) * lot));
    }

    /** Of a connection that begins now. */
    static Lifetime from(Limits.Times times) {
        return new Lifetime(
                times, System.nanoTime(), ThreadLocalRandom.current().nextDouble());
    }

    /**
     * Why it is over, or null.
     *
     * @param isAnswered whether nothing is due to the shipper
     */
    @Nullable
    CloseReason over(long nowNanos, ReadState reading, boolean isAnswered) {
        long lived = nowNanos - openedNanos;
        if (ageNanos > 0 && lived >= ageNanos) {
            return CloseReason.MAX_AGE;
        }
        long silent = times.firstByte().toNanos();
        if (silent > 0 && reading.isSilent() && lived >= silent) {
            return CloseReason.FIRST_BYTE_TIMEOUT;
        }
        long idle = times.idle().toNanos();
        return idle > 0 && isAnswered && reading.isQuietFor(idle, nowNanos) ? CloseReason.IDLE_TIMEOUT : null;
    }
}
