package dev.sluice.store;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What is known of a portion from one try to the next. On the lane's event loop only. */
final class Attempts {

    /** The deadline doubles so often at most. */
    private static final int DOUBLINGS_MAX = 4;

    private final Portion portion;
    private final @Nullable CarefulCopy careful;
    private boolean outcomeUnknown;
    private boolean partitionsMade;
    private int expired;

    Attempts(Portion portion, @Nullable CarefulCopy careful) {
        this.portion = portion;
        this.careful = careful;
    }

    Portion portion() {
        return portion;
    }

    /** How rows are copied of which some were refused, or null. */
    @Nullable
    CarefulCopy careful() {
        return careful;
    }

    /** Nothing smaller is left to give up: it waits for an operator, as a missing table does. */
    boolean isHopeless() {
        return careful != null || (portion.isSingle() && portion.eventRows() == 0 && !portion.isIdentified());
    }

    /** A COMMIT was sent and not answered. */
    void outcomeIsUnknown() {
        outcomeUnknown = true;
    }

    boolean isOutcomeUnknown() {
        return outcomeUnknown;
    }

    /** A deadline passed. */
    void expired() {
        expired++;
    }

    /** How long the next try may take: a server that is too slow for the first deadline must not be for each. */
    Duration deadline(Duration first) {
        return first.multipliedBy(1L << Math.min(expired, DOUBLINGS_MAX));
    }

    /** Null the first time: they may have been what was missing. Then something else is wrong. */
    WriteFailure.@Nullable Halt afterPartitionsWereMade() {
        if (partitionsMade) {
            return new WriteFailure.Halt("No partition of log_event takes a row although those of the rows' days were"
                    + " made: somebody may be changing the partitions, or one of them covers a part of a day only");
        }
        partitionsMade = true;
        return null;
    }
}
