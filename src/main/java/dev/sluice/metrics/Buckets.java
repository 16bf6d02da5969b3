package dev.sluice.metrics;

import java.time.Duration;
import java.util.stream.IntStream;

/** The bounds of the histograms: from a quiet write to a database that was away for minutes. */
final class Buckets {

    private static final int[] MILLIS = {
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000
    };

    static final Duration[] SECONDS =
            IntStream.of(MILLIS).mapToObj(Duration::ofMillis).toArray(Duration[]::new);

    private Buckets() {}
}
