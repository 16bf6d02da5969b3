package dev.sluice.store.schema;

import java.time.Duration;
import java.util.Optional;
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
                        prune("ingest_batch", "batch_id", "committed_at < now() - " + surely(retriesAge())),
                        prune(
                                "ingest_delivery",
                                "delivery_id",
                                "committed_at < now() - " + surely(agreed.deliveryAge())),
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
                        : prune("dead_letter", "id", "received_at < '" + before.get() + "' and " + old))
                .defaultIfEmpty(true);
    }

    /**
     * A piece at a time, so that no transaction is long.
     *
     * @param key what rows are named by where their place is not known, because they are on other servers
     */
    private Mono<Boolean> prune(String table, String key, String condition) {
        Mono<Long> piece = session.execute(
                "delete from {home}.%1$s where %4$s = any(array(select %4$s from {home}.%1$s where %2$s limit %3$d))"
                        .formatted(table, condition, CHUNK_ROWS, session.isDistributed() ? key : "ctid"));
        return piece.expand(deleted -> deleted < CHUNK_ROWS ? Mono.empty() : piece)
                .then(Mono.just(true))
                .onErrorResume(KeeperSession::isAnswer, failure -> {
                    undone.say("Old rows of " + table, UndoneRemovals.reason(failure));
                    return Mono.just(false);
                });
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
