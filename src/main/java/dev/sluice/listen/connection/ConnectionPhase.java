package dev.sluice.listen.connection;

import dev.sluice.listen.report.ListenObserver.Wait;
import org.jspecify.annotations.Nullable;

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

    /** What it waits for, if it does. */
    @Nullable
    Wait waits() {
        return switch (this) {
            case AWAITING_RAIL -> Wait.RAIL;
            case AWAITING_BUDGET -> Wait.BUDGET;
            case AWAITING_REPLIES -> Wait.REPLIES;
            case AWAITING_RATE -> Wait.RATE;
            case ARMED, ANSWERING, ENDED -> null;
        };
    }
}
