package dev.sluice.metrics;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** How busy each stage was over the last second or more, and which one holds the others up. */
final class StageUtilization {

    /** The stages of an event's way, and no stage at all. */
    enum Stage {
        IDLE,
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

    private final Source[] sources;
    private final long[] seen;
    private final double[] ratios;
    private long sampledAt = System.nanoTime();

    StageUtilization(Source decode, Source process, Source store) {
        sources = new Source[] {decode, process, store};
        seen = new long[sources.length];
        ratios = new double[sources.length];
    }

    /** The share of the stage's capacity that was used, 0 to 1. */
    synchronized double ratio(Stage stage) {
        sample();
        return stage == Stage.IDLE ? 0 : ratios[stage.ordinal() - 1];
    }

    /** The stage that limits the throughput now; {@link Stage#IDLE} when none does. */
    synchronized Stage bottleneck() {
        sample();
        if (ratios[2] >= STORE_SATURATED) {
            return Stage.STORE;
        }
        if (ratios[1] >= SATURATED) {
            return Stage.PROCESS;
        }
        return ratios[0] >= SATURATED ? Stage.DECODE : Stage.IDLE;
    }

    private void sample() {
        long now = System.nanoTime();
        long elapsed = now - sampledAt;
        if (elapsed < INTERVAL_NANOS) {
            return;
        }
        sampledAt = now;
        for (int i = 0; i < sources.length; i++) {
            long busy = sources[i].busyNanos().getAsLong();
            double share = (busy - seen[i]) / ((double) elapsed * sources[i].parallelism());
            ratios[i] = Math.clamp(share, 0.0, 1.0);
            seen[i] = busy;
        }
    }
}
