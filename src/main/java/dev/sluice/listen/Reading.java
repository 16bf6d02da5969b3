package dev.sluice.listen;

/** Whether a connection reads, and if not, what it waits for. */
enum Reading {
    /** A read is under way. */
    ARMED,
    /** Enough of its bytes wait for the rail. */
    AWAITING_RAIL,
    /** The budget is spent. */
    AWAITING_BUDGET,
    /** Too many replies wait for a commit, or for a shipper that does not take them. */
    AWAITING_REPLIES,
    /** Its source sent more than it may. */
    AWAITING_RATE,
    /** Nothing more will be read; it is closed when everything is answered. */
    ANSWERING,
    /** It is closed. */
    ENDED;

    /** Whether it will read again. */
    boolean isPause() {
        return switch (this) {
            case AWAITING_RAIL, AWAITING_BUDGET, AWAITING_REPLIES, AWAITING_RATE -> true;
            case ARMED, ANSWERING, ENDED -> false;
        };
    }
}
