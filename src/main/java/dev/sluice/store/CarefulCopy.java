package dev.sluice.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Copies rows of which PostgreSQL has refused some, in one transaction all the same: each part follows a savepoint, a
 * refused part is halved, and a refused row becomes a dead letter. For deliveries with an id, whose rows are committed
 * together with it or not at all.
 */
final class CarefulCopy {

    private static final int TRIES = 3;
    private static final Duration BETWEEN = Duration.ofMillis(20);

    private final Scheduler scheduler;
    private final TableProbe probe;

    /** The codes for which rows are blamed although they are not those of bad data. */
    private final Set<String> blamed = new HashSet<>();

    private final List<Span> refused = new ArrayList<>();

    /** Nobody can change the table as long as a transaction writes to it: once is enough. */
    private boolean vouched;

    /** The last try stopped to have the table asked. */
    private boolean stopped;

    CarefulCopy(Scheduler scheduler, TableProbe probe, WriteFailure.BadData refusal) {
        this.scheduler = scheduler;
        this.probe = probe;
        blamed.add(refusal.cause().sqlState());
    }

    /** Rows of {@code dead_letter} for what was refused in the last try. */
    List<Span> refused() {
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
    Mono<Void> copy(LaneConnection open, Portion portion) {
        return Mono.defer(() -> {
            refused.clear();
            stopped = false;
            return open.checkAtOnce()
                    .then(events(open, portion.events()))
                    .then(deadLetters(open, portion.deadLetters()))
                    .then(Mono.defer(() -> deadLetters(open, List.copyOf(refused))));
        });
    }

    private Mono<Void> events(LaneConnection open, List<Span> rows) {
        Table table = new Table(
                some -> open.copyEvents(some).then(Mono.fromRunnable(() -> probe.took(some.getFirst()))),
                this::becomesADeadLetter);
        return part(open, table, rows, TRIES);
    }

    private Mono<Void> becomesADeadLetter(Span row, WriteFailure.BadData refusal) {
        if (!vouched && probe.isNeeded(refusal)) {
            stopped = true;
            return Mono.error(new TableRefusesException(refusal));
        }
        probe.refused(refusal);
        refused.add(RefusedRow.deadLetter(row, refusal));
        return Mono.empty();
    }

    private Mono<Void> deadLetters(LaneConnection open, List<Span> rows) {
        Table table = new Table(
                open::copyDeadLetters, (row, refusal) -> open.copyDeadLetters(List.of(RefusedRow.plain(row))));
        return part(open, table, rows, 1);
    }

    private Mono<Void> part(LaneConnection open, Table table, List<Span> rows, int tries) {
        if (rows.isEmpty()) {
            return Mono.empty();
        }
        return open.savepoint()
                .then(Mono.defer(() -> table.copy.apply(rows)))
                .then(open.releaseSavepoint())
                .onErrorResume(error ->
                        WriteFailure.of(error, StoreObserver.Phase.COPY) instanceof WriteFailure.BadData refusal
                                        && isBlamed(refusal)
                                ? open.rollbackToSavepoint()
                                        .then(open.releaseSavepoint())
                                        .then(Mono.defer(() -> refused(open, table, rows, tries, refusal)))
                                : Mono.error(error));
    }

    private boolean isBlamed(WriteFailure.BadData refusal) {
        return !refusal.mayPass() || blamed.contains(refusal.cause().sqlState());
    }

    private Mono<Void> refused(
            LaneConnection open, Table table, List<Span> rows, int tries, WriteFailure.BadData refusal) {
        int count = Span.rows(rows);
        if (count > 1) {
            return part(open, table, Span.subset(rows, 0, count / 2), tries)
                    .then(Mono.defer(() -> part(open, table, Span.subset(rows, count / 2, count), tries)));
        }
        return refusal.mayPass() && tries > 1 && !probe.isKnown(refusal, true)
                ? Mono.delay(BETWEEN, scheduler).then(Mono.defer(() -> part(open, table, rows, tries - 1)))
                : table.refuse.apply(rows.getFirst(), refusal);
    }

    /** Where rows go, and what becomes of a single one that is refused. */
    private record Table(
            Function<List<Span>, Mono<Void>> copy, BiFunction<Span, WriteFailure.BadData, Mono<Void>> refuse) {}
}
