package dev.sluice.store;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How long to wait after a failure: doubling up to a limit, and the second half of each wait is random, so that lanes
 * and replicas do not come back at the same moment.
 */
record Backoff(Duration min, Duration max, DoubleSupplier random) {

    private static final int DOUBLINGS_MAX = 30;

    /** The wait after the {@code failures}-th failure in a row, counted from 1. */
    Duration after(int failures) {
        int doublings = Math.min(Math.max(failures - 1, 0), DOUBLINGS_MAX);
        double ceiling = Math.min((double) max.toMillis(), min.toMillis() * Math.scalb(1.0, doublings));
        return Duration.ofMillis(Math.round(ceiling * (1 + random.getAsDouble()) / 2));
    }
}
