package dev.sluice.listen.connection;

import dev.sluice.listen.report.ListenObserver.Wait;

/** Whether a connection reads, and if not, what it waits for. */
enum ConnectionPhase {
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

    static ConnectionPhase awaiting(Wait what) {
        return switch (what) {
            case RAIL -> AWAITING_RAIL;
            case BUDGET -> AWAITING_BUDGET;
            case REPLIES -> AWAITING_REPLIES;
            case RATE -> AWAITING_RATE;
        };
    }
}
