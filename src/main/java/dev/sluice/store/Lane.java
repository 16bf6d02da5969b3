package dev.sluice.store;

import dev.sluice.event.RejectReason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * One physical connection and the batch that is being written on it. Everything happens on the lane's own event loop,
 * so the fields need no lock; the volatile ones are read from elsewhere.
 *
 * <p>A portion is tried until it is stored: after an error the socket is closed, after a wait a new one is opened and
 * the same bytes are sent under the same id. Only a refusal of rows keeps the connection, with a ROLLBACK, because a
 * bisection goes through many of them.
 */
final class Lane {

    private static final Duration GRACE = Duration.ofSeconds(5);

    private final LaneLoop loop;
    private final DatabaseHosts hosts;
    private final StoreSettings settings;
    private final StoreContext context;
    private final Backoff backoff;
    private final LaneStatus status;

    private @Nullable LaneConnection connection;
    private int failures;
    private int refused;

    /** The identified deliveries that the last transaction stores. */
    private Set<UUID> fresh = Set.of();

    private StoreObserver.@Nullable Phase phase;

    Lane(LaneLoop loop, DatabaseHosts hosts, StoreSettings settings, StoreContext context) {
        this.loop = loop;
        this.hosts = hosts;
        this.settings = settings;
        this.context = context;
        backoff = new Backoff(settings.backoffMin(), settings.backoffMax(), ThreadLocalRandom.current()::nextDouble);
        status = new LaneStatus();
    }

    LaneStatus status() {
        return status;
    }

    /** Its thread. */
    Executor executor() {
        return loop.executor();
    }

    /** Stores the batch, whatever it takes. A cancel closes the socket: nothing is known of the batch then. */
    Mono<Batch> write(Batch batch) {
        return Mono.defer(() -> start(batch))
                .then(Mono.fromRunnable(() -> finish(batch)))
                .thenReturn(batch)
                .doOnCancel(loop::abort)
                .subscribeOn(loop.scheduler());
    }

    /** Takes leave of the server, for a short while. Call it when no batch is being written. */
    Mono<Void> close() {
        return Mono.defer(() -> {
                    status.became(LaneState.CLOSED);
                    LaneConnection open = connection;
                    connection = null;
                    return open == null ? Mono.<Void>empty() : open.close();
                })
                .timeout(GRACE, Mono.empty(), loop.scheduler())
                .onErrorComplete()
                .doFinally(signal -> loop.abort())
                .subscribeOn(loop.scheduler());
    }

    private Mono<Void> start(Batch batch) {
        refused = 0;
        fresh = Set.of();
        status.busy();
        return batch.portion().isEmpty() ? Mono.empty() : store(batch.portion());
    }

    private void finish(Batch batch) {
        status.idle();
        batch.stored(fresh);
        context.observer().batchStored(batch, refused);
    }

    private Mono<Void> store(Portion portion) {
        return store(portion, null);
    }

    private Mono<Void> store(Portion portion, @Nullable CarefulCopy careful) {
        return Mono.defer(() -> {
                    Attempts attempts = new Attempts(portion, careful);
                    return Mono.defer(() -> attempt(attempts)).repeatWhenEmpty(again -> again);
                })
                .flatMap(verdict ->
                        verdict.map(refusal -> divide(portion, refusal)).orElseGet(Mono::empty));
    }

    /** Closes in on a refused row; the row itself becomes a dead letter. */
    private Mono<Void> divide(Portion portion, WriteFailure.BadData refusal) {
        if (portion.isIdentified()) {
            CarefulCopy careful = new CarefulCopy();
            return store(portion, careful)
                    .then(Mono.fromRunnable(() -> refused(careful.refused().size())));
        }
        if (!portion.isSingle()) {
            List<Portion> halves = portion.split(context.ids());
            return store(halves.getFirst()).then(store(halves.getLast()));
        }
        Span deadLetter = RefusedRow.deadLetter(portion.events().getFirst(), refusal);
        return store(new Portion(context.ids().next(), List.of(), List.of(deadLetter)))
                .then(Mono.fromRunnable(() -> refused(1)));
    }

    private void refused(int rows) {
        refused += rows;
        context.observer().deadLettersStored(RejectReason.REFUSED_ROW, rows);
    }

    /** One transaction. Empty: try again; an empty verdict: stored; else why rows were refused. */
    private Mono<Optional<WriteFailure.BadData>> attempt(Attempts attempts) {
        phase = null;
        return connected()
                .flatMap(open -> bounded(transaction(open, attempts), attempts)
                        .then(Mono.fromRunnable(() -> hosts.requireCurrent(open))))
                .then(Mono.fromCallable(() -> {
                    stored(attempts, StoreObserver.Resolution.RETRIED);
                    return Optional.<WriteFailure.BadData>empty();
                }))
                .onErrorResume(error -> recover(attempts, WriteFailure.of(error)));
    }

    private Mono<LaneConnection> connected() {
        LaneConnection open = connection;
        if (open != null && loop.isConnected() && !hosts.isOutdated(open.timeline())) {
            status.became(LaneState.WRITING);
            return Mono.just(open);
        }
        drop();
        status.became(LaneState.CONNECTING);
        return LaneConnection.open(hosts, loop, settings.connectTimeout()).doOnNext(opened -> {
            connection = opened;
            status.became(LaneState.WRITING);
        });
    }

    private Mono<Void> transaction(LaneConnection open, Attempts attempts) {
        CarefulCopy careful = attempts.careful();
        return timed(StoreObserver.Phase.BEGIN, begin(open, attempts.portion()))
                .flatMap(portion -> timed(
                        StoreObserver.Phase.COPY,
                        careful == null
                                ? open.copyEvents(portion.events()).then(open.copyDeadLetters(portion.deadLetters()))
                                : careful.copy(open, portion)))
                .then(timed(StoreObserver.Phase.COMMIT, open.commit()));
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
        return ids.size() == portion.identified().size()
                ? Mono.just(rest)
                : open.correct(rest).thenReturn(rest);
    }

    private <T> Mono<T> timed(StoreObserver.Phase next, Mono<T> statement) {
        return Mono.defer(() -> {
            phase = next;
            long start = System.nanoTime();
            status.asked(start);
            return statement
                    .doOnTerminate(status::answered)
                    .doOnSuccess(done -> context.observer().phaseEnded(next, true, System.nanoTime() - start))
                    .doOnError(error -> context.observer().phaseEnded(next, false, System.nanoTime() - start));
        });
    }

    /**
     * Closes the socket at the deadline, whereupon the driver ends the statement with an error. Should it not, the
     * statement is cancelled after all, and with it forgotten: its connection is not used again.
     */
    private Mono<Void> bounded(Mono<Void> statements, Attempts attempts) {
        return Mono.defer(() -> {
            Duration limit = attempts.deadline(settings.batchDeadline());
            Runnable expire = () -> {
                attempts.expired();
                loop.abort();
            };
            Disposable deadline = loop.scheduler().schedule(expire, limit.toMillis(), TimeUnit.MILLISECONDS);
            return statements.timeout(limit.plus(GRACE), loop.scheduler()).doFinally(signal -> deadline.dispose());
        });
    }

    private Mono<Optional<WriteFailure.BadData>> recover(Attempts attempts, WriteFailure failure) {
        return switch (failure) {
            case WriteFailure.Committed committed ->
                rolledBack(attempts).then(Mono.fromCallable(() -> {
                    stored(attempts, StoreObserver.Resolution.COMMITTED);
                    return Optional.empty();
                }));
            case WriteFailure.BadData refusal ->
                attempts.isHopeless() || !rowsWereSent()
                        ? again(attempts, new WriteFailure.Halt(refusal.message()), settings.haltedRetry())
                        : rolledBack(attempts).thenReturn(Optional.of(refusal));
            case WriteFailure.Halt halt -> again(attempts, halt, settings.haltedRetry());
            case WriteFailure.MissingPartition missing -> madePartitions(attempts, missing);
            case WriteFailure.Reconnect gone -> again(attempts, gone, backoff.after(++failures));
            case WriteFailure.Retry busy -> again(attempts, busy, backoff.after(++failures));
            case WriteFailure.Unknown unknown -> again(attempts, unknown, backoff.after(++failures));
        };
    }

    /** Drops the connection and waits; completes empty, so that the portion is tried again. */
    private Mono<Optional<WriteFailure.BadData>> again(Attempts attempts, WriteFailure failure, Duration wait) {
        boolean answered = !(failure instanceof WriteFailure.Reconnect || failure instanceof WriteFailure.Unknown);
        if (phase == StoreObserver.Phase.COMMIT && !answered) {
            attempts.outcomeIsUnknown();
        }
        status.failed(failure, wait, connection == null ? null : connection.host());
        drop();
        context.observer().retried(failure.label());
        return Mono.delay(wait, loop.scheduler()).then(Mono.empty());
    }

    /** Before that, a refusal is about a setting of the session or about the ledger, and no row is to blame. */
    private boolean rowsWereSent() {
        return phase == StoreObserver.Phase.COPY || phase == StoreObserver.Phase.COMMIT;
    }

    private void drop() {
        connection = null;
        loop.abort();
    }

    private Mono<Void> rolledBack(Attempts attempts) {
        LaneConnection open = connection;
        return open == null
                ? Mono.empty()
                : bounded(open.rollback(), attempts).onErrorResume(error -> {
                    drop();
                    return Mono.empty();
                });
    }

    /** Has the partitions made and tries again; when they cannot be made, or do not help, an operator is needed. */
    private Mono<Optional<WriteFailure.BadData>> madePartitions(
            Attempts attempts, WriteFailure.MissingPartition missing) {
        drop();
        List<Span> rows = attempts.portion().allEvents();
        return Mono.defer(() -> context.partitions().make(RowTimes.days(rows)))
                .timeout(settings.batchDeadline(), loop.scheduler())
                .publishOn(loop.scheduler())
                .doOnNext(times -> status.stampedAnew(RowTimes.stampAnew(rows, times)))
                .then(Mono.<WriteFailure>fromCallable(attempts::afterPartitionsWereMade))
                .onErrorResume(error -> Mono.just(WriteFailure.ofPartitions(error)))
                .defaultIfEmpty(missing)
                .flatMap(next -> next instanceof WriteFailure.Halt halt
                        ? again(attempts, halt, settings.haltedRetry())
                        : again(attempts, next, backoff.after(++failures)));
    }

    private void stored(Attempts attempts, StoreObserver.Resolution resolution) {
        failures = 0;
        status.succeeded();
        if (attempts.isOutcomeUnknown() || resolution == StoreObserver.Resolution.COMMITTED) {
            context.observer().commitResolved(resolution);
        }
    }
}
