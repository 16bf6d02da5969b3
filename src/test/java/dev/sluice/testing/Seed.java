package dev.sluice.testing;

import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Random numbers that can be had again: the log has the seed, and {@code -Dsluice.test.seed=} sets it. */
public final class Seed {

    private static final Logger LOG = LoggerFactory.getLogger(Seed.class);

    private Seed() {}

    /** Other numbers each time, unless the seed is set. */
    public static SplittableRandom random() {
        long seed = Long.getLong("sluice.test.seed", System.nanoTime());
        LOG.info("-Dsluice.test.seed={} repeats this", seed);
        return new SplittableRandom(seed);
    }
}
