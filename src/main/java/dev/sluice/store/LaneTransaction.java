package dev.sluice.store;

import java.util.EnumMap;
import java.util.List;
import java.util.Set;
import java.util.UUID;
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

    /** What the phases of the last one took. */
    private final EnumMap<StoreObserver.Phase, Long> nanos = new EnumMap<>(StoreObserver.Phase.class);

    private StoreObserver.@Nullable Phase phase;

    /** The identified deliveries that the last transaction stores. */
    private Set<UUID> fresh = Set.of();

    /** Rows that the last transaction stores, those that the database does not keep among them. */
    private int rows;

    /** Rows that the database took in the last transaction and did not keep. */
    private Suppressed suppressed = Suppressed.NONE;

    LaneTransaction(StoreContext context, LaneStatus status) {
        observer = context.observer();
        commits = context.commits();
        limits = context.limits();
        lookBack = new LookBack(commits, observer);
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
    StoreObserver.@Nullable Phase phase() {
        return phase;
    }

    Set<UUID> fresh() {
        return fresh;
    }

    Suppressed suppressed() {
        return suppressed;
    }

    /** It is certain that this one was committed. */
    void committed(Portion portion) {
        commits.add(portion.id(), rows - suppressed.events() - suppressed.deadLetters());
    }

    /** Writes a portion, in a careful way if there is one. */
    Mono<Void> write(LaneConnection open, Portion portion, @Nullable CarefulCopy careful) {
        return asked(lookBack.at(open))
                .then(timed(StoreObserver.Phase.BEGIN, begin(open, portion)))
                .doOnNext(rest -> rows = rest.eventRows() + rest.deadLetterRows())
                .flatMap(rest -> timed(
                        StoreObserver.Phase.COPY,
                        careful == null
                                ? open.copyEvents(rest.events()).then(open.copyDeadLetters(rest.deadLetters()))
                                : careful.copy(open, rest)))
                .then(Mono.fromRunnable(() -> suppressed = open.suppressed()))
                .then(timed(StoreObserver.Phase.COMMIT, open.commit()))
                .doOnSuccess(done -> pace(portion));
    }

    private void pace(Portion portion) {
        long rest = took(StoreObserver.Phase.BEGIN) + took(StoreObserver.Phase.COMMIT);
        limits.committed(portion.bytes(), took(StoreObserver.Phase.COPY), rest);
    }

    private long took(StoreObserver.Phase ended) {
        return nanos.getOrDefault(ended, 0L);
    }

    /** Makes sure of one that the ledger has already. It sends no row, so that none is to blame when it fails. */
    Mono<Void> confirm(LaneConnection open, Portion portion) {
        return Mono.defer(() -> {
            phase = null;
            return asked(open.confirm(portion));
        });
    }

    private Mono<Void> asked(Mono<Void> statement) {
        return Mono.defer(() -> {
            status.asked(System.nanoTime());
            return statement.doOnTerminate(status::answered);
        });
    }

    /** Opens the transaction; what remains are the rows that were not committed before. */
    private Mono<Portion> begin(LaneConnection open, Portion portion) {
        Mono<Void> begun = open.begin(portion);
        return portion.isIdentified()
                ? begun.then(open.remember(portion)).flatMap(ids -> remaining(open, portion, ids))
                : begun.thenReturn(portion);
    }

    private Mono<Portion> remaining(LaneConnection open, Portion portion, Set<UUID> ids) {
        fresh = ids;
        Portion rest = portion.only(ids);
        List<UUID> committed = portion.identified().stream()
                .map(IdentifiedRows::id)
                .filter(id -> !ids.contains(id))
                .toList();
        return committed.isEmpty()
                ? Mono.just(rest)
                : open.correct(rest, committed).thenReturn(rest);
    }

    private <T> Mono<T> timed(StoreObserver.Phase next, Mono<T> statement) {
        return Mono.defer(() -> {
            phase = next;
            long start = System.nanoTime();
            status.asked(start);
            return statement
                    .doOnTerminate(status::answered)
                    .doOnTerminate(() -> nanos.put(next, System.nanoTime() - start))
                    .doOnSuccess(done -> observer.phaseEnded(next, true, System.nanoTime() - start))
                    .doOnError(error -> observer.phaseEnded(next, false, System.nanoTime() - start));
        });
    }
}
