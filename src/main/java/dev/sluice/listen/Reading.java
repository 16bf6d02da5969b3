package dev.sluice.listen;

/** Whether a connection reads, and if not, what it waits for. */
enum Reading {
    /** A read is under way. */
    ARMED,
    /** Enough of its bytes wait for the rail. */
    AWAITING_RAIL,
    /** The budget is spent. */
    AWAITING_BUDGET,
    /** It is closed. */
    ENDED
}
