package dev.sluice.store;

import dev.sluice.event.FrameBatch;
import dev.sluice.event.Framer;
import dev.sluice.event.Rows;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.intake.Intake;
import dev.sluice.listen.intake.KeptBytes;
import dev.sluice.store.batch.Batch;
import dev.sluice.store.batch.BatchIds;
import dev.sluice.store.batch.WriteUnit;
import dev.sluice.store.copy.Span;
import dev.sluice.store.database.LaneLoop;
import dev.sluice.store.failure.WriteFailure;
import dev.sluice.text.ByteWriter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
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

    public static Mono<Void> warningIgnored(LaneConnection open) {
        return open.commit().onErrorComplete(CommitWarningException.class);
    }

    public static Mono<Void> visibleTakenForDurable(LaneTransaction transaction, LaneConnection open, WriteUnit unit) {
        return Mono.empty();
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

    public static void freeLaneNotAnnounced(Runnable hungry) {
        // nobody hears of it
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

    public static void anotherTransactionAnswered(ByteWriter out, byte[] bytes, int offset, int length) {
        out.put(bytes, offset, length);
        out.put('0');
    }

    public static void anotherTransactionAnswered(ByteWriter out, byte[] bytes) {
        out.put(bytes);
    }

    public static void moreAcknowledgedThanCame(Object frames, int number, Framer.Frame frame) {
        frame.reply().put('2');
        frame.reply().put('A');
        frame.reply().putInt(number + 1);
    }

    public static void anotherChunkAnswered(Object message, byte[] bytes, ByteWriter reply) {
        reply.put(new byte[] {(byte) 0x81, (byte) 0xA3, 'a', 'c', 'k', (byte) 0xA1, '?'});
    }

    public static void answeredTwice(Consumer<Object> into, Object bytes) {
        into.accept(bytes);
        into.accept(bytes);
    }

    public static void partOfARecordForgotten(KeptBytes kept, ByteBuf bytes, boolean tight) {
        bytes.skipBytes(bytes.readableBytes());
    }

    public static void turnNotTaken(Object turns, EventLoop loop) {
        // it waits for one who comes later
    }

    public static void socketNotClosed(LaneLoop loop) {
        // it stays open
    }
}
