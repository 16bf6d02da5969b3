package dev.sluice.metrics;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * For how long connections waited, all of them together, those that still wait included; what it knows is as much for
 * one as for ten thousand. It never falls, because the clock is read under the lock. Any thread.
 */
final class WaitingTime {

    private final LongSupplier clock;
    private final long originNanos;
    private int waiting;

    /** With the time of now for each that waits, the sum. Nanoseconds of ten thousand would overflow in eleven days. */
    private long micros;

    private long endedNanos;

    WaitingTime(LongSupplier clock) {
        this.clock = clock;
        originNanos = clock.getAsLong();
        endedNanos = originNanos;
    }

    /** One more waits. */
    synchronized void begin() {
        waiting++;
        micros -= microsAt(clock.getAsLong());
    }

    /** One of them waits no more. */
    synchronized void end() {
        waiting--;
        endedNanos = clock.getAsLong();
        micros += microsAt(endedNanos);
    }

    /** How many wait. */
    synchronized int waiting() {
        return waiting;
    }

    /** How long they waited. */
    synchronized double seconds() {
        return (double) (micros + waiting * microsAt(clock.getAsLong())) / TimeUnit.SECONDS.toMicros(1);
    }

    /** Whether nobody has waited for so long. */
    synchronized boolean isOverSince(long quietNanos) {
        return waiting == 0 && clock.getAsLong() - endedNanos >= quietNanos;
    }

    private long microsAt(long nanos) {
        return TimeUnit.NANOSECONDS.toMicros(nanos - originNanos);
    }
}
