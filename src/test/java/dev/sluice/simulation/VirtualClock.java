package dev.sluice.simulation;

import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What {@link MutantLoader} puts in the place of the system's clocks and of chance: those of the world that was made
 * last.
 */
public final class VirtualClock {

    private static VirtualTime time;

    private VirtualClock() {}

    static void is(VirtualTime virtual) {
        time = virtual;
    }

    /** By chance, but the same in each run. */
    public static double nextDouble(ThreadLocalRandom ignored) {
        return time.chance();
    }

    public static long nanoTime() {
        return time.nanos();
    }

    public static Instant now() {
        return Instant.ofEpochSecond(0, time.nanos());
    }
}
