package dev.sluice.store;

import dev.sluice.store.ReplayStatements.Cursor;
import dev.sluice.store.batch.BatchIds;
import dev.sluice.store.batch.WriteUnit;
import dev.sluice.store.database.DatabaseHosts;
import dev.sluice.store.database.LaneLoop;
import dev.sluice.store.failure.TransactionPhase;
import dev.sluice.store.failure.WriteFailure;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/**
 * Takes dead letters out of the table and stores what they become, batch by batch on a connection of its own, the
 * oldest first. Each batch is one transaction with a row in the ledger: whatever ends it, each dead letter is there or
 * what it became, never both. Two of these at a time take different ones.
 *
 * <p>It sees what was there when it began, each once. What only waiting can mend is tried again for a while; then it
 * fails, and what was committed stays.
 */
public final class ReplayStore {

    /** Failures in a row that are worth another try: about half a minute. */
    private static final int FAILURES_MAX = 20;

    private final DatabaseHosts hosts;
    private final LaneLoop loop;
    private final LaneSession session;
    private final BatchIds ids = new BatchIds();
    private final Backoff backoff;
    private final ReplayMemory memory;

    /** A store that connects when it runs; {@code loops} are nobody else's. */
    public ReplayStore(DatabaseHosts hosts, LoopResources loops, StoreSettings settings, ReplayMemory memory) {
        this.hosts = hosts;
        this.memory = memory;
        loop = new LaneLoop(loops, settings.batchDeadline());
        LaneStatus status = new LaneStatus(System::nanoTime);
        session = new LaneSession(loop, hosts, settings, StoreObserver.NONE, status);
        backoff = new Backoff(settings.backoffMin(), settings.backoffMax(), ThreadLocalRandom.current()::nextDouble);
    }

    /**
     * Replays, or looks what would become of them; emits what became of each batch when it is committed.
     *
     * @param examples so many dead letters come with what is stored of them
     * @param isEnough asked between batches; it ends with {@link StoppedException} then
     */
    public Flux<List<ReplayedLetter>> run(
            DeadLetterFilter filter, ReplayDecoder decoder, boolean apply, int examples, BooleanSupplier isEnough) {
        ReplayBatch.Work work = new ReplayBatch.Work(filter, decoder, hosts.home(), memory, loop.scheduler());
        return Flux.defer(() -> new Run(work, apply, examples, isEnough).batches())
                .subscribeOn(loop.scheduler())
                .doOnCancel(loop::abort);
    }

    /** Takes leave of the server. */
    public Mono<Void> close() {
        return session.close().subscribeOn(loop.scheduler());
    }

    /** One run; on the event loop only. */
    private final class Run {

        private final ReplayBatch.Work work;
        private final boolean apply;
        private final BooleanSupplier isEnough;
        private long examples;
        private long left;
        private @Nullable Cursor cursor;
        private boolean isDone;
        private int failures;

        Run(ReplayBatch.Work work, boolean apply, int examples, BooleanSupplier isEnough) {
            this.work = work;
            this.apply = apply;
            this.examples = examples;
            this.isEnough = isEnough;
            left = work.filter().limit();
        }

        Flux<List<ReplayedLetter>> batches() {
            return Mono.defer(this::start).thenMany(Mono.defer(this::next).repeat(() -> !isDone && left > 0));
        }

        private Mono<Void> start() {
            return session.ask(state(), open -> new ReplayStatements(open, hosts.home()).start())
                    .doOnNext(began -> cursor = began)
                    .then()
                    .onErrorResume(error -> pause(error, false).then(Mono.defer(this::start)));
        }

        private Mono<List<ReplayedLetter>> next() {
            Cursor from = cursor;
            if (from == null || left <= 0) {
                isDone = true;
                return Mono.empty();
            }
            if (isEnough.getAsBoolean()) {
                return Mono.error(new StoppedException());
            }
            ReplayBatch batch = new ReplayBatch(ids.next(), work, from, left);
            return Mono.defer(() -> apply ? session.commit(state(), batch::replay) : session.ask(state(), batch::look))
                    .then(Mono.defer(() -> done(batch)))
                    .onErrorResume(error -> recover(batch, error))
                    .doFinally(signal -> batch.end());
        }

        private Mono<List<ReplayedLetter>> done(ReplayBatch batch) {
            failures = 0;
            cursor = batch.cursor();
            List<ReplayedLetter> told = batch.told(examples);
            isDone = told.isEmpty();
            left -= told.size();
            examples = Math.max(0, examples - told.size());
            return isDone ? Mono.empty() : Mono.just(told);
        }

        private Mono<List<ReplayedLetter>> recover(ReplayBatch batch, Throwable error) {
            if (error instanceof ReplayRoom.NoRoomException) {
                session.drop();
                return Mono.error(error);
            }
            boolean isLost = batch.phase() != null && !WriteFailure.isRefusal(error);
            boolean isUnknown = isLost && batch.phase() == TransactionPhase.COMMIT;
            return pause(error, isUnknown).then(isLost ? Mono.defer(() -> resolve(batch, isUnknown)) : Mono.empty());
        }

        /**
         * Finds out what became of a transaction that was lost: the ledger takes the same id again when it was rolled
         * back, after it has waited for one that still runs. Until then its letters are locked, and would be skipped.
         */
        private Mono<List<ReplayedLetter>> resolve(ReplayBatch batch, boolean isUnknown) {
            return session.ask(state(), open -> open.begin(batch.unit()).then(Mono.defer(open::rollback)))
                    .then(Mono.<List<ReplayedLetter>>empty())
                    .onErrorResume(error -> isCommitted(error)
                            ? session.rolledBack(state())
                                    .then(session.commit(state(), open -> open.confirm(batch.unit())))
                                    .then(Mono.defer(() -> done(batch)))
                            : Mono.error(error))
                    .onErrorResume(error -> pause(error, isUnknown).then(Mono.defer(() -> resolve(batch, isUnknown))));
        }

        private boolean isCommitted(Throwable error) {
            return WriteFailure.of(error, TransactionPhase.BEGIN) instanceof WriteFailure.Committed;
        }

        /** Drops the connection and waits; fails with the error where that is of no use, or was often enough. */
        private Mono<Void> pause(Throwable error, boolean isUnknown) {
            WriteFailure failure = WriteFailure.of(error);
            session.drop();
            boolean isPassing = !(failure instanceof WriteFailure.Halt);
            boolean goesOn = isUnknown || (isPassing && !isEnough.getAsBoolean());
            return goesOn && ++failures <= FAILURES_MAX
                    ? Mono.delay(backoff.after(failures), loop.scheduler()).then()
                    : Mono.error(error);
        }

        private RetryState state() {
            return new RetryState(new WriteUnit(ids.next(), List.of(), List.of()), null);
        }
    }

    /** It was to end after a batch. */
    public static final class StoppedException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        StoppedException() {
            super("It was stopped.", null, false, false);
        }
    }
}
