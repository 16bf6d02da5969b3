package dev.sluice.store;

import dev.sluice.store.batch.WriteUnit;
import dev.sluice.store.copy.Span;
import dev.sluice.store.failure.TableRefusesException;
import dev.sluice.store.failure.TransactionPhase;
import dev.sluice.store.failure.WriteFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Copies rows of which PostgreSQL has refused some, in one transaction all the same: each part follows a savepoint, and
 * a refused row becomes a dead letter. For deliveries with an id, whose rows are committed together with it or not at
 * all.
 *
 * <p>A part that is refused is halved and one that is taken is followed by one of twice its size, so that a lone bad
 * row is found in a few steps, and where all are bad it goes row by row, two round trips each. Dead letters are written
 * as they come: a large delivery may have as many as rows.
 */
final class SavepointCopy {

    private static final int TRIES = 3;
    private static final Duration BETWEEN = Duration.ofMillis(20);

    private final Scheduler scheduler;
    private final TableProbe probe;

    /** The codes for which rows are blamed although they are not those of bad data. */
    private final Set<String> blamed = new HashSet<>();

    private final List<Span> pending = new ArrayList<>();
    private int pendingBytes;
    private int refused;

    /** Rows that end the session: they become dead letters and are not copied. */
    private final List<FatalRows.Found> fatal;

    /** Nobody can change the table as long as a transaction writes to it: once is enough. */
    private boolean vouched;

    /** The last try stopped to have the table asked. */
    private boolean stopped;

    SavepointCopy(Scheduler scheduler, TableProbe probe, WriteFailure.BadData refusal, List<FatalRows.Found> fatal) {
        this.scheduler = scheduler;
        this.probe = probe;
        this.fatal = fatal;
        blamed.add(refusal.cause().sqlState());
    }

    List<FatalRows.Found> fatal() {
        return fatal;
    }

    /** Rows that were refused in the last try. */
    int refused() {
        return refused;
    }

    /** The table is well, so rows are to blame for this; false when nothing will go better for knowing it. */
    boolean mayGoOn(WriteFailure.BadData refusal) {
        boolean goesOn = stopped || blamed.add(refusal.cause().sqlState());
        vouched |= stopped;
        stopped = false;
        return goesOn;
    }

    /** Copies everything. */
    Mono<Void> copy(LaneConnection open, WriteUnit unit) {
        return Mono.defer(() -> {
            clearPending();
            refused = 0;
            stopped = false;
            return open.checkAtOnce()
                    .then(events(open, unit.events()))
                    .then(deadLetters(open, unit.deadLetters()))
                    .then(Mono.defer(() -> writePending(open)));
        });
    }

    private Mono<Void> events(LaneConnection open, List<Span> rows) {
        Table table = new Table(
                some -> open.copyEvents(some).then(Mono.fromRunnable(() -> probe.took(some.getFirst()))),
                (row, refusal) -> becomesADeadLetter(open, row, refusal));
        return new Parts(open, table, FatalRows.without(rows, fatal), TRIES)
                .copy()
                .thenMany(Flux.fromIterable(fatal).filter(each -> Span.contains(rows, each.row())))
                .concatMap(each -> fatal(open, each), 1)
                .then();
    }

    private Mono<Void> becomesADeadLetter(LaneConnection open, Span row, WriteFailure.BadData refusal) {
        if (!vouched && probe.isNeeded(refusal)) {
            stopped = true;
            return Mono.error(new TableRefusesException(refusal));
        }
        probe.refused(refusal);
        keep(row, refusal);
        return pendingBytes < StoreSettings.DEAD_LETTER_BYTES_MAX
                ? Mono.empty()
                : writePending(open).then(open.nextSavepoint());
    }

    private Mono<Void> fatal(LaneConnection open, FatalRows.Found row) {
        keep(row.row(), row.refusal());
        return pendingBytes < StoreSettings.DEAD_LETTER_BYTES_MAX ? Mono.empty() : writePending(open);
    }

    private void keep(Span row, WriteFailure.BadData refusal) {
        refused++;
        Span deadLetter = RefusedRow.deadLetter(row, refusal);
        pending.add(deadLetter);
        pendingBytes += deadLetter.length();
    }

    private Mono<Void> writePending(LaneConnection open) {
        List<Span> rows = List.copyOf(pending);
        clearPending();
        return deadLetters(open, rows);
    }

    private void clearPending() {
        pending.clear();
        pendingBytes = 0;
    }

    private Mono<Void> deadLetters(LaneConnection open, List<Span> rows) {
        Table table = new Table(
                open::copyDeadLetters,
                (row, refusal) ->
                        open.copyDeadLetters(List.of(RefusedRow.plain(row))).then(open.nextSavepoint()));
        return new Parts(open, table, rows, 1).copy();
    }

    private boolean isBlamed(WriteFailure.BadData refusal) {
        return !refusal.mayPass() || blamed.contains(refusal.cause().sqlState());
    }

    /** Where rows go, and what becomes of a single one that is refused; that may not be undone with the next. */
    private record Table(
            Function<List<Span>, Mono<Void>> copy, BiFunction<Span, WriteFailure.BadData, Mono<Void>> refuse) {}

    /** Rows on their way into a table, part by part. */
    private final class Parts {

        private final LaneConnection open;
        private final Table table;
        private final int triesMax;
        private List<Span> rest;
        private int size;
        private int tries;

        Parts(LaneConnection open, Table table, List<Span> rows, int triesMax) {
            this.open = open;
            this.table = table;
            this.triesMax = triesMax;
            rest = rows;
            size = Span.rows(rows);
        }

        Mono<Void> copy() {
            return rest.isEmpty()
                    ? Mono.empty()
                    : open.savepoint()
                            .thenMany(Mono.defer(this::step).repeat(() -> !rest.isEmpty()))
                            .then(open.releaseSavepoint());
        }

        private Mono<Void> step() {
            List<Span> part = Span.subset(rest, 0, size);
            return table.copy
                    .apply(part)
                    .then(open.nextSavepoint())
                    .then(Mono.<Void>fromRunnable(this::taken))
                    .onErrorResume(error ->
                            WriteFailure.of(error, TransactionPhase.COPY) instanceof WriteFailure.BadData refusal
                                            && isBlamed(refusal)
                                    ? open.rollbackToSavepoint().then(Mono.defer(() -> refused(part, refusal)))
                                    : Mono.error(error));
        }

        private void taken() {
            pass();
            size = (int) Math.min(2L * size, Span.rows(rest));
        }

        /** The part is done with, in one way or the other. */
        private void pass() {
            tries = 0;
            rest = Span.subset(rest, size, Span.rows(rest));
        }

        private Mono<Void> refused(List<Span> part, WriteFailure.BadData refusal) {
            if (size > 1) {
                size /= 2;
                return Mono.empty();
            }
            if (refusal.mayPass() && ++tries < triesMax && !probe.isKnown(refusal, true)) {
                return Mono.delay(BETWEEN, scheduler).then();
            }
            pass();
            return table.refuse.apply(part.getFirst(), refusal);
        }
    }
}
