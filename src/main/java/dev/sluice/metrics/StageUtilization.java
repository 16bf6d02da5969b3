package dev.sluice.metrics;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** How busy each stage was over the last second or more, and which one holds the others up. */
final class StageUtilization {

    /** The stages of an event's way, and no stage at all. */
    enum Stage {
        IDLE,
        /** Shippers wait because incomplete frames of others hold the memory. */
        READ,
        DECODE,
        PROCESS,
        STORE
    }

    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** From here on a stage counts as the one that holds the others up. */
    private static final double SATURATED = 0.8;

    private static final double STORE_SATURATED = 0.3;

    /** Busy time of a stage since the start, in nanoseconds, and how many threads or lanes share it. */
    record Source(LongSupplier busyNanos, int parallelism) {}

    private static final class Share {
        private final Source source;
        private long seen;
        private double ratio;

        Share(Source source) {
            this.source = source;
        }

        void sample(long elapsed) {
            long busy = source.busyNanos().getAsLong();
            ratio = Math.clamp((busy - seen) / ((double) elapsed * source.parallelism()), 0.0, 1.0);
            seen = busy;
        }
    }

    private final Share decode;
    private final Share process;
    private final Share store;
    private final BooleanSupplier isCrowded;
    private long sampledAt = System.nanoTime();

    /** Of these stages; {@code isCrowded} tells of reading, which takes memory and no time. */
    StageUtilization(Source decode, Source process, Source store, BooleanSupplier isCrowded) {
        this.decode = new Share(decode);
        this.process = new Share(process);
        this.store = new Share(store);
        this.isCrowded = isCrowded;
    }

    /** The share of the stage's capacity that was used, 0 to 1. */
    synchronized double ratio(Stage stage) {
        sample();
        return switch (stage) {
            case IDLE, READ -> 0;
            case DECODE -> decode.ratio;
            case PROCESS -> process.ratio;
            case STORE -> store.ratio;
        };
    }

    /** The stage that limits the throughput now; {@link Stage#IDLE} when none does. */
    synchronized Stage bottleneck() {
        sample();
        if (store.ratio >= STORE_SATURATED) {
            return Stage.STORE;
        }
        if (process.ratio >= SATURATED) {
            return Stage.PROCESS;
        }
        if (decode.ratio >= SATURATED) {
            return Stage.DECODE;
        }
        return isCrowded.getAsBoolean() ? Stage.READ : Stage.IDLE;
    }

    private void sample() {
        long now = System.nanoTime();
        long elapsed = now - sampledAt;
        if (elapsed < INTERVAL_NANOS) {
            return;
        }
        sampledAt = now;
        decode.sample(elapsed);
        process.sample(elapsed);
        store.sample(elapsed);
    }
}
