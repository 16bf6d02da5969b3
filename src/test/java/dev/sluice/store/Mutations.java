package dev.sluice.store;

import dev.sluice.event.FrameBatch;
import dev.sluice.event.Rows;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.intake.Intake;
import dev.sluice.store.batch.Batch;
import dev.sluice.store.batch.BatchIds;
import dev.sluice.store.batch.WriteUnit;
import dev.sluice.store.copy.Span;
import dev.sluice.store.database.LaneLoop;
import dev.sluice.store.failure.WriteFailure;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import reactor.core.publisher.Mono;

/** What the mutants of the simulation do instead of what is right; each is called in the place of another method. */
public final class Mutations {

    private Mutations() {}

    public static Mono<Batch> acknowledgedBeforeTheCommit(Lane lane, Batch batch) {
        batch.acknowledge();
        return lane.write(batch);
    }

    /** Where deliveries have ids, those would show what is stored. */
    public static void retriedUnderAnotherId(RetryState retry) {
        if (retry.unit().isIdentified()) {
            retry.outcomeIsUnknown();
        } else {
            retry.takeOtherId(new BatchIds());
        }
    }

    public static boolean unknownCommitTakenForRefused(RetryState retry) {
        return false;
    }

    public static Mono<Void> failedCommitTakenForDone(LaneConnection open) {
        return open.commit().onErrorComplete();
    }

    public static Mono<Void> ledgerNotWritten(LaneConnection open, WriteUnit unit) {
        return open.beginTrial();
    }

    public static Mono<Void> refusedRowDropped(Lane lane, Span row, WriteFailure.BadData refusal) {
        return Mono.empty();
    }

    public static void refusedRowOfADeliveryDropped(SavepointCopy copy, Span row, WriteFailure.BadData refusal) {
        // it is not kept
    }

    public static List<WriteUnit> secondHalfForgotten(WriteUnit unit, BatchIds ids) {
        List<WriteUnit> halves = unit.split(ids);
        return List.of(halves.getFirst(), new WriteUnit(ids.next(), List.of(), List.of()));
    }

    public static void duplicatesOfABatchNotSeen(Batch batch, Rows rows) {
        // nobody looks
    }

    public static boolean deliveriesNotRemembered(WriteUnit unit) {
        return false;
    }

    public static WriteUnit knownDeliveriesStoredAgain(WriteUnit unit, Set<UUID> fresh) {
        return unit;
    }

    public static Set<UUID> allDeliveriesTakenForKnown(LaneTransaction transaction) {
        return Set.of();
    }

    public static boolean laneNotGivenBack(Queue<?> free, Object lane) {
        return true;
    }

    public static Mono<Set<UUID>> ledgerBelievedEmpty(LaneConnection open, List<UUID> ids) {
        return Mono.just(Set.of());
    }

    public static int refusedRowsCountedTwice(SavepointCopy copy) {
        return 2 * copy.refused();
    }

    public static void arrivalNotNoticed(Object gatherer) {
        // nobody is woken
    }

    public static void demandNotNoticed(Object gatherer) {
        // nobody is woken
    }

    public static void acknowledgedWhenEncoded(Intake intake, FrameBatch frames, Rows rows) {
        intake.encoded(frames, rows);
        rows.parts().forEach(part -> part.delivery().ack().run());
    }

    public static void budgetGivenBackTwice(MemoryBudget budget, long bytes) {
        budget.releaseRows(bytes);
        budget.releaseRows(bytes);
    }

    public static void budgetNotGivenBack(MemoryBudget budget, long bytes) {
        // it stays taken
    }

    public static void arrivalAtTheRailNotNoticed(Intake intake) {
        // nobody is woken
    }

    public static boolean rowsTakenBeyondTheBudget(
            MemoryBudget budget, long frameBatchBytes, long rowBytesMax, Runnable bySource) {
        return budget.takeForRail(frameBatchBytes, 0, bySource);
    }

    public static void acknowledgementForgotten(Batch batch) {
        // no shipper hears of it
    }

    public static void socketNotClosed(LaneLoop loop) {
        // it stays open
    }
}
