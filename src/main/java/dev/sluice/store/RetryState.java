package dev.sluice.store;

import dev.sluice.store.batch.BatchIds;
import dev.sluice.store.batch.WriteUnit;
import dev.sluice.store.failure.WriteFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What is known of a unit from one try to the next. On the lane's event loop only. */
final class RetryState {

    /** A refusal that may pass has to come back so often before a row is blamed for it. */
    private static final int REFUSALS_MIN = 3;

    /** The deadline doubles so often at most. */
    private static final int DOUBLINGS_MAX = 4;

    private final @Nullable SavepointCopy savepoints;

    private WriteUnit unit;
    private boolean plain;
    private String refusedFor = "";
    private int refusals;
    private boolean outcomeUnknown;
    private boolean partitionsMade;
    private int expired;
    private @Nullable ServerRun lostAt;
    private int losses;
    private @Nullable FatalRows search;

    RetryState(WriteUnit unit, @Nullable SavepointCopy savepoints) {
        this.unit = unit;
        this.savepoints = savepoints;
    }

    WriteUnit unit() {
        return unit;
    }

    /** How rows are copied of which some were refused, or null. */
    @Nullable
    SavepointCopy savepoints() {
        return savepoints;
    }

    /** Whether it is one dead letter and nothing else: nothing smaller is left to give up. */
    boolean isDeadLetter() {
        return unit.isSingle() && unit.eventRows() == 0 && !unit.isIdentified();
    }

    /** Has the dead letter written in the plainest form; false when it is already. */
    boolean makePlain() {
        if (plain) {
            return false;
        }
        plain = true;
        unit = new WriteUnit(
                unit.id(),
                List.of(),
                List.of(RefusedRow.plain(unit.deadLetters().getFirst())));
        return true;
    }

    /** The server refused it. */
    void refused(WriteFailure.BadData refusal) {
        String state = refusal.cause().sqlState();
        refusals = state.equals(refusedFor) ? refusals + 1 : 1;
        refusedFor = state;
    }

    /** Whether it came back so often that rows are to blame for it, and not the moment. */
    boolean isCertain(WriteFailure.BadData refusal) {
        return !refusal.mayPass() || refusals >= REFUSALS_MIN;
    }

    /** Refusals in a row for the same reason. */
    int refusals() {
        return refusals;
    }

    /** Goes on under another id; the one before, which is somebody else's. */
    UUID takeOtherId(BatchIds ids) {
        UUID before = unit.id();
        unit = unit.withId(ids.different());
        return before;
    }

    /** A COMMIT was sent and not answered. */
    void outcomeIsUnknown() {
        outcomeUnknown = true;
    }

    boolean isOutcomeUnknown() {
        return outcomeUnknown;
    }

    /** The session ended while rows were copied; true when that was so too often, at a server that went on. */
    boolean isLostAgain(@Nullable ServerRun server) {
        losses = server != null && server.equals(lostAt) ? losses + 1 : 1;
        lostAt = server;
        return losses >= FatalRows.LOSSES_MIN;
    }

    /** Rows are looked at before the next try, or no more. */
    void search(@Nullable FatalRows next) {
        search = next;
        losses = 0;
    }

    /** Null when no session ended too often. */
    @Nullable
    FatalRows search() {
        return search;
    }

    /** Rows that were found to be fatal, in this way of writing the unit or the one before. */
    List<FatalRows.Found> fatal() {
        List<FatalRows.Found> all = new ArrayList<>();
        if (savepoints != null) {
            all.addAll(savepoints.fatal());
        }
        if (search != null) {
            all.addAll(search.found());
        }
        return all;
    }

    /** What is left to write when the fatal rows are left out, under another id. */
    WriteUnit withoutFatal(UUID other) {
        return unit.withEvents(FatalRows.without(unit.events(), fatal()), other);
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
            return new WriteFailure.Halt(
                    WriteFailure.Cause.of("No partition of log_event takes a row although those of the rows' days were"
                            + " made: somebody may be changing the partitions, or one of them covers a part of a day"
                            + " only"));
        }
        partitionsMade = true;
        return null;
    }
}
