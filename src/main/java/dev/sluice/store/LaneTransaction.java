package dev.sluice.store;

import dev.sluice.store.batch.BatchLimits;
import dev.sluice.store.batch.WriteUnit;
import dev.sluice.store.copy.IdentifiedRows;
import dev.sluice.store.database.DatabaseHosts;
import dev.sluice.store.failure.TransactionPhase;
import java.util.EnumMap;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The statements of a lane's transactions in their order, and how far the last one came. On the lane's event loop only.
 */
final class LaneTransaction {

    private final StoreObserver observer;
    private final LaneStatus status;
    private final LastCommits commits;
    private final LookBack lookBack;
    private final BatchLimits limits;
    private final LongSupplier clock;

    /** What the phases of the last one took. */
    private final EnumMap<TransactionPhase, Long> nanos = new EnumMap<>(TransactionPhase.class);

    private @Nullable TransactionPhase phase;

    /** The identified deliveries that the last transaction stores. */
    private Set<UUID> fresh = Set.of();

    /** Rows that the last transaction stores, those that the database does not keep among them. */
    private int rows;

    /** Rows that the database took in the last transaction and did not keep. */
    private Suppressed suppressed = Suppressed.NONE;

    LaneTransaction(StoreContext context, DatabaseHosts hosts, LaneStatus status) {
        observer = context.observer();
        commits = context.commits();
        limits = context.limits();
        clock = context.nanos();
        lookBack = new LookBack(hosts, commits, observer);
        this.status = status;
    }

    /** Nothing was written yet of this batch. */
    void reset() {
        fresh = Set.of();
    }

    /** A try begins, with a connection to be made perhaps. */
    void prepare() {
        phase = null;
    }

    /** Where the last one is or ended; null when it did not begin. */
    @Nullable
    TransactionPhase phase() {
        return phase;
    }

    Set<UUID> fresh() {
        return fresh;
    }

    Suppressed suppressed() {
        return suppressed;
    }

    /** It is certain that this one was committed. */
    void committed(WriteUnit unit) {
        commits.add(unit.id(), rows - suppressed.events() - suppressed.deadLetters());
    }

    /** Writes a unit, by savepoints if rows of it were refused before. */
    Mono<Void> write(LaneConnection open, WriteUnit unit, @Nullable SavepointCopy savepoints) {
        return asked(lookBack.at(open))
                .then(timed(TransactionPhase.BEGIN, begin(open, unit)))
                .doOnNext(rest -> rows = rest.eventRows() + rest.deadLetterRows())
                .flatMap(rest -> timed(
                        TransactionPhase.COPY,
                        savepoints == null
                                ? open.copyEvents(rest.events()).then(open.copyDeadLetters(rest.deadLetters()))
                                : savepoints.copy(open, rest)))
                .then(Mono.fromRunnable(() -> suppressed = open.suppressed()))
                .then(timed(TransactionPhase.COMMIT, open.commit()))
                .doOnSuccess(done -> pace(unit));
    }

    private void pace(WriteUnit unit) {
        long rest = took(TransactionPhase.BEGIN) + took(TransactionPhase.COMMIT);
        limits.committed(unit.bytes(), took(TransactionPhase.COPY), rest);
    }

    private long took(TransactionPhase ended) {
        return nanos.getOrDefault(ended, 0L);
    }

    /** Makes sure of one that the ledger has already. It sends no row, so that none is to blame when it fails. */
    Mono<Void> confirm(LaneConnection open, WriteUnit unit) {
        return Mono.defer(() -> {
            phase = null;
            return asked(open.confirm(unit));
        });
    }

    private Mono<Void> asked(Mono<Void> statement) {
        return Mono.defer(() -> {
            status.asked();
            return statement.doOnTerminate(status::answered);
        });
    }

    /** Opens the transaction; what remains are the rows that were not committed before. */
    private Mono<WriteUnit> begin(LaneConnection open, WriteUnit unit) {
        Mono<Void> begun = open.begin(unit);
        return unit.isIdentified()
                ? begun.then(open.remember(unit)).flatMap(ids -> remaining(open, unit, ids))
                : begun.thenReturn(unit);
    }

    private Mono<WriteUnit> remaining(LaneConnection open, WriteUnit unit, Set<UUID> ids) {
        fresh = ids;
        WriteUnit rest = unit.only(ids);
        List<UUID> committed = unit.identified().stream()
                .map(IdentifiedRows::id)
                .filter(id -> !ids.contains(id))
                .toList();
        return committed.isEmpty()
                ? Mono.just(rest)
                : open.correct(rest, committed).thenReturn(rest);
    }

    private <T> Mono<T> timed(TransactionPhase next, Mono<T> statement) {
        return Mono.defer(() -> {
            phase = next;
            long start = clock.getAsLong();
            status.asked();
            return statement
                    .doOnTerminate(status::answered)
                    .doOnTerminate(() -> nanos.put(next, clock.getAsLong() - start))
                    .doOnSuccess(done -> observer.phaseEnded(next, true, clock.getAsLong() - start))
                    .doOnError(error -> observer.phaseEnded(next, false, clock.getAsLong() - start));
        });
    }
}
