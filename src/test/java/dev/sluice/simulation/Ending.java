package dev.sluice.simulation;

/** What ends connections other than their shippers. */
enum Ending {
    /** They are sent elsewhere after a while. */
    BY_AGE,
    /** Sluice shuts down, and has all the time that it needs. */
    DRAINED,
    NEVER,
    /** Sluice shuts down, and closes those that are still there when its time is over. */
    CUT_WHILE_DRAINED
}
