package dev.sluice.store.schema;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Removes what is older than it is to be kept, by the database's clock: tables that Sluice made and detached itself, a
 * few days in an hour at most, and rows of the ledger and of the dead letters.
 */
final class Removal {

    /** Less than an hour, so that hourly passes do not miss each other's hour. */
    static final String AN_HOUR = "interval '50 minutes'";

    private static final int CHUNK_ROWS = 5_000;
    private static final String END = "infinity";

    private final KeeperSession session;
    private final RetentionAgreement agreed;
    private final DatabaseClock clock;
    private final int stepDays;
    private final UndoneRemovals undone;

    Removal(
            KeeperSession session,
            RetentionAgreement agreed,
            DatabaseClock clock,
            int stepDays,
            UndoneRemovals undone) {
        this.session = session;
        this.agreed = agreed;
        this.clock = clock;
        this.stepDays = stepDays;
        this.undone = undone;
    }

    /** How many days are to go and still there. */
    Mono<Long> overdueDays() {
        return days().overdue();
    }

    /**
     * One pass: whether everything could be removed that is to go now. What could not is said in the log.
     *
     * @param withDays whether the days are ours to remove
     */
    Mono<Boolean> run(boolean withDays) {
        return Flux.concat(
                        prune(Ledger.Table.INGEST_BATCH),
                        prune(Ledger.Table.INGEST_DELIVERY),
                        deadLetters(),
                        withDays ? days().run() : Mono.just(true))
                .reduce(Boolean::logicalAnd);
    }

    private DayRemoval days() {
        return new DayRemoval(session, agreed, stepDays, undone);
    }

    /** At most as many days of them in an hour as of partitions. */
    private Mono<Boolean> deadLetters() {
        String old = "coalesce(stored_at, received_at) < now() - " + interval(agreed.retention());
        String cut = "select least(now() - %s, min(received_at) + %s)::text from {home}.dead_letter where %s"
                .formatted(interval(agreed.retention()), interval(Duration.ofDays(stepDays)), old);
        return session.execute("update {home}.retention_pass set dead_letters_at = now()"
                        + " where dead_letters_at is null or dead_letters_at < now() - " + AN_HOUR
                        + " or dead_letters_at > now()")
                .filter(passes -> passes > 0)
                .flatMap(now -> session.rows(cut, row -> Optional.ofNullable(row.get(0, String.class)))
                        .single())
                .flatMap(before -> before.isEmpty()
                        ? Mono.just(true)
                        : prune("dead_letter", "received_at", "received_at < '" + before.get() + "' and " + old))
                .defaultIfEmpty(true);
    }

    private Mono<Boolean> prune(Ledger.Table table) {
        return prune(
                table.sqlName(),
                "committed_at",
                "committed_at < now() - " + requireNonNull(ledgerAges().get(table)));
    }

    /**
     * A piece at a time, so that no transaction is long. Each begins where the one before ended: while somebody holds
     * an old snapshot, what is deleted stays in the index, and every piece would read all of those before it again.
     *
     * @param time the indexed column that the condition is about
     */
    private Mono<Boolean> prune(String table, String time, String condition) {
        String where = " from {home}.%1$s as old where %2$s and %3$s >= '%%s'".formatted(table, condition, time);
        String last = "select " + time + "::text" + where + " order by old." + time + " offset " + (CHUNK_ROWS - 1)
                + " limit 1";
        String delete = "delete" + where + " and " + time + " <= '%s'";
        Function<String, Mono<String>> piece = from -> session.rows(
                        last.formatted(from), row -> requireNonNull(row.get(0, String.class)))
                .next()
                .defaultIfEmpty(END)
                .flatMap(until -> session.execute(delete.formatted(from, until)).thenReturn(until));
        return piece.apply("-infinity")
                .expand(until -> until.equals(END) ? Mono.empty() : piece.apply(until))
                .then(Mono.just(true))
                .onErrorResume(KeeperSession::isAnswer, failure -> {
                    undone.say("Old rows of " + table, UndoneRemovals.reason(failure));
                    return Mono.just(false);
                });
    }

    /** For how long their rows are kept. */
    Map<Ledger.Table, String> ledgerAges() {
        return Map.of(
                Ledger.Table.INGEST_BATCH, surely(retriesAge()),
                Ledger.Table.INGEST_DELIVERY, surely(agreed.deliveryAge()));
    }

    /** While the database is away nobody passes, and batches whose COMMIT has no answer wait for it: nothing ages. */
    private Duration retriesAge() {
        return agreed.ledgerAge().plus(agreed.sinceLastPass());
    }

    private String surely(Duration age) {
        return interval(clock.surely(age, agreed.now()));
    }

    private static String interval(Duration duration) {
        return "interval '" + duration.toSeconds() + " seconds'";
    }
}
