package dev.sluice.simulation;

import java.time.Instant;

/** What {@link MutantLoader} puts in the place of the system's clocks: the time of the world that was made last. */
public final class VirtualClock {

    private static VirtualTime time;

    private VirtualClock() {}

    static void is(VirtualTime virtual) {
        time = virtual;
    }

    public static long nanoTime() {
        return time.nanos();
    }

    public static Instant now() {
        return Instant.ofEpochSecond(0, time.nanos());
    }
}
