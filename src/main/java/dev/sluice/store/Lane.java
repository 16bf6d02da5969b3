package dev.sluice.store;

import dev.sluice.event.RejectReason;
import dev.sluice.store.batch.Batch;
import dev.sluice.store.batch.WriteUnit;
import dev.sluice.store.copy.RowTimes;
import dev.sluice.store.copy.Span;
import dev.sluice.store.database.DatabaseHosts;
import dev.sluice.store.database.LaneLoop;
import dev.sluice.store.failure.TransactionPhase;
import dev.sluice.store.failure.WriteFailure;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One physical connection and the batch that is being written on it. Everything happens on the lane's own event loop,
 * so the fields need no lock; the volatile ones are read from elsewhere.
 *
 * <p>A unit is tried until it is stored: after an error the socket is closed, after a wait a new one is opened and the
 * same bytes are sent under the same id. Only a refusal of rows keeps the connection, with a ROLLBACK, because a
 * bisection goes through many of them.
 */
final class Lane {

    private final LaneLoop loop;
    private final StoreSettings settings;
    private final StoreContext context;
    private final Backoff backoff;
    private final LaneStatus status;
    private final LaneSession session;
    private final LaneTransaction transaction;
    private final TableProbe probe;
    private final RowsNotKept notKept = new RowsNotKept();

    private int failures;

    Lane(LaneLoop loop, DatabaseHosts hosts, StoreSettings settings, StoreContext context) {
        this.loop = loop;
        this.settings = settings;
        this.context = context;
        backoff = new Backoff(settings.backoffMin(), settings.backoffMax(), context.random());
        status = new LaneStatus(context.nanos());
        session = new LaneSession(loop, hosts, settings, context.observer(), status);
        probe = new TableProbe(context.kept());
        transaction = new LaneTransaction(context, hosts, status);
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
                    return session.close();
                })
                .subscribeOn(loop.scheduler());
    }

    private Mono<Void> start(Batch batch) {
        notKept.clear();
        transaction.reset();
        probe.begin(batch.unit());
        status.busy();
        return store(batch.unit());
    }

    private void finish(Batch batch) {
        status.idle();
        probe.end();
        batch.stored(transaction.fresh());
        notKept.report(batch, status, context.observer());
    }

    private Mono<Void> store(WriteUnit unit) {
        return store(unit, null);
    }

    private Mono<Void> store(WriteUnit unit, @Nullable SavepointCopy savepoints) {
        return Mono.defer(() -> {
            if (unit.isEmpty()) {
                return Mono.empty();
            }
            RetryState retry = new RetryState(unit, savepoints);
            return Mono.defer(() -> attempt(retry))
                    .repeatWhenEmpty(again -> again)
                    .flatMap(verdict ->
                            verdict.map(refusal -> divide(retry, refusal)).orElseGet(Mono::empty));
        });
    }

    /** Closes in on a refused row; the row itself becomes a dead letter. */
    private Mono<Void> divide(RetryState retry, WriteFailure.BadData refusal) {
        WriteUnit unit = retry.unit();
        List<FatalRows.Found> fatal = retry.fatal();
        if (unit.isIdentified()) {
            return store(unit, new SavepointCopy(loop.scheduler(), probe, refusal, fatal));
        }
        if (!fatal.isEmpty()) {
            return store(retry.withoutFatal(context.ids().next()))
                    .thenMany(Flux.fromIterable(fatal))
                    .concatMap(each -> becomesADeadLetter(each.row(), each.refusal()), 1)
                    .then();
        }
        if (!unit.isSingle()) {
            probe.suspects(refusal);
            List<WriteUnit> halves = unit.split(context.ids());
            return store(halves.getFirst()).then(store(halves.getLast()));
        }
        return becomesADeadLetter(unit.events().getFirst(), refusal);
    }

    private Mono<Void> becomesADeadLetter(Span row, WriteFailure.BadData refusal) {
        Span deadLetter = RefusedRow.deadLetter(row, refusal);
        return store(new WriteUnit(context.ids().next(), List.of(), List.of(deadLetter)))
                .then(Mono.fromRunnable(() -> {
                    probe.refused(refusal);
                    refused(1);
                }));
    }

    private void refused(int rows) {
        notKept.refused(rows);
        context.observer().deadLettersStored(RejectReason.REFUSED_ROW, rows);
    }

    /** One transaction. Empty: try again; an empty verdict: stored; else why rows were refused. */
    private Mono<Optional<WriteFailure.BadData>> attempt(RetryState retry) {
        transaction.prepare();
        FatalRows search = retry.search();
        if (search != null) {
            return searched(retry, search);
        }
        return session.commit(retry, open -> transaction.write(open, retry.unit(), retry.savepoints()))
                .then(Mono.fromCallable(() -> {
                    stored(retry, StoreObserver.Resolution.RETRIED);
                    return Optional.<WriteFailure.BadData>empty();
                }))
                .onErrorResume(error -> recover(retry, error));
    }

    private Mono<Optional<WriteFailure.BadData>> recover(RetryState retry, Throwable error) {
        WriteFailure failure = WriteFailure.of(error, transaction.phase());
        if (transaction.phase() == TransactionPhase.COMMIT && !WriteFailure.isRefusal(error)) {
            retry.outcomeIsUnknown();
        }
        if (transaction.phase() == TransactionPhase.COPY && !failure.cause().answered()) {
            return lost(retry, failure);
        }
        return switch (failure) {
            case WriteFailure.Committed committed ->
                retry.isOutcomeUnknown()
                        ? session.rolledBack(retry).then(Mono.defer(() -> confirmed(retry)))
                        : again(committed.byAnother(retry.takeOtherId(context.ids())));
            case WriteFailure.BadData refusal -> {
                retry.refused(refusal);
                yield session.rolledBack(retry).then(Mono.defer(() -> judged(retry, refusal)));
            }
            case WriteFailure.MissingPartition missing -> madePartitions(retry, missing);
            default -> again(failure);
        };
    }

    /** What the ledger has is acknowledged when it is certain to stay. */
    private Mono<Optional<WriteFailure.BadData>> confirmed(RetryState retry) {
        return session.commit(retry, open -> transaction.confirm(open, retry.unit()))
                .then(Mono.fromCallable(() -> {
                    stored(retry, StoreObserver.Resolution.COMMITTED);
                    return Optional.<WriteFailure.BadData>empty();
                }))
                .onErrorResume(error -> recover(retry, error));
    }

    /** Finds out whether rows are to blame for it, the table, or the moment. */
    private Mono<Optional<WriteFailure.BadData>> judged(RetryState retry, WriteFailure.BadData refusal) {
        if (retry.isDeadLetter()) {
            return retry.makePlain() ? Mono.empty() : again(refusal.withoutRows());
        }
        if (retry.unit().eventRows() > 0 && probe.isNeeded(refusal)) {
            return asked(retry, refusal);
        }
        if (!retry.isCertain(refusal) && !probe.isKnown(refusal, retry.unit().isSingle())) {
            return after(new WriteFailure.Retry(refusal.cause()), backoff.after(retry.refusals()));
        }
        SavepointCopy savepoints = retry.savepoints();
        if (savepoints == null) {
            return Mono.just(Optional.of(refusal));
        }
        return savepoints.mayGoOn(refusal) ? Mono.empty() : again(refusal.withoutRows());
    }

    private Mono<Optional<WriteFailure.BadData>> asked(RetryState retry, WriteFailure.BadData refusal) {
        transaction.prepare();
        return session.ask(retry, open -> probe.refusesAlike(open, retry.unit(), refusal))
                .map(alike -> alike ? again(refusal.ofEveryRow()) : judged(retry, refusal))
                .onErrorResume(error -> Mono.just(recover(retry, error)))
                .flatMap(next -> next);
    }

    /** Nothing is known but that rows were being copied; when that comes again and again, one is looked for. */
    private Mono<Optional<WriteFailure.BadData>> lost(RetryState retry, WriteFailure failure) {
        List<Span> rows = FatalRows.without(retry.unit().allEvents(), retry.fatal());
        if (!retry.isLostAgain(session.server()) || rows.isEmpty()) {
            return again(failure);
        }
        retry.search(new FatalRows(probe, rows, settings.batchDeadline(), context.nanos(), failure));
        return again(FatalRows.whileLookedFor(failure));
    }

    private Mono<Optional<WriteFailure.BadData>> searched(RetryState retry, FatalRows search) {
        return session.ask(retry, search::step)
                .then(Mono.defer(() -> search.isDone() ? found(retry, search) : Mono.empty()))
                .onErrorResume(error -> {
                    WriteFailure failure = WriteFailure.of(error);
                    boolean isAway = session.server() == null; // as long as it recovers from a crash
                    if (!isAway && !search.isLost()) {
                        retry.search(null); // something else is the matter
                    }
                    return again(isAway || !search.isLost() ? failure : FatalRows.whileLookedFor(failure));
                });
    }

    /** Where no row is fatal by itself, there may be too many of them for one transaction. */
    private Mono<Optional<WriteFailure.BadData>> found(RetryState retry, FatalRows search) {
        WriteUnit unit = retry.unit();
        boolean isWhole = search.isGivenUp() || unit.isIdentified() || unit.isSingle();
        if (search.found().isEmpty() && isWhole) {
            retry.search(null);
            return Mono.empty();
        }
        return Mono.just(Optional.of(search.refusal()));
    }

    /** Drops the connection and tries again after a while. */
    private Mono<Optional<WriteFailure.BadData>> again(WriteFailure failure) {
        boolean halted = failure instanceof WriteFailure.Halt;
        var next = after(failure, halted ? settings.haltedRetry() : backoff.after(++failures));
        session.drop();
        return next;
    }

    /** Waits; completes empty, so that the unit is tried again. */
    private Mono<Optional<WriteFailure.BadData>> after(WriteFailure failure, Duration wait) {
        status.failed(failure, wait, session.host());
        context.observer().retried(failure.label());
        return Mono.delay(wait, loop.scheduler()).then(Mono.empty());
    }

    /** Has the partitions made and tries again; when they cannot be made, or do not help, an operator is needed. */
    private Mono<Optional<WriteFailure.BadData>> madePartitions(
            RetryState retry, WriteFailure.MissingPartition missing) {
        session.drop();
        List<Span> rows = retry.unit().allEvents();
        return Mono.defer(() -> context.partitions().make(RowTimes.days(rows)))
                .timeout(settings.batchDeadline(), loop.scheduler())
                .publishOn(loop.scheduler())
                .doOnNext(times -> status.stampedAnew(RowTimes.stampAnew(rows, times)))
                .then(Mono.<WriteFailure>fromCallable(retry::afterPartitionsWereMade))
                .onErrorResume(error -> Mono.just(WriteFailure.ofPartitions(error)))
                .defaultIfEmpty(missing)
                .flatMap(next -> again(next));
    }

    private void stored(RetryState retry, StoreObserver.Resolution resolution) {
        failures = 0;
        status.succeeded();
        transaction.committed(retry.unit());
        notKept.suppressed(transaction.suppressed());
        SavepointCopy savepoints = retry.savepoints();
        if (savepoints == null) {
            probe.stored(retry.unit(), transaction.fresh());
        } else {
            refused(savepoints.refused()); // of this way of writing it alone: one before may have been given up
        }
        if (retry.isOutcomeUnknown() || resolution == StoreObserver.Resolution.COMMITTED) {
            context.observer().commitResolved(resolution);
        }
    }
}
