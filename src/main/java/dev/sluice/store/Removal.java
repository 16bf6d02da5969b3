package dev.sluice.store;

import static java.util.Objects.requireNonNull;

import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Removes what is older than it is to be kept, by the database's clock: tables that Sluice made and detached itself, a
 * few days in an hour at most, and rows of the ledger and of the dead letters.
 */
final class Removal {

    private static final Logger LOG = LoggerFactory.getLogger(Removal.class);

    /** A concurrent detach waits without a lock that anybody else needs. */
    private static final Duration DETACH_PATIENCE = Duration.ofMinutes(5);

    /** Completing one holds a lock that stops the making of days, but not COPY. */
    private static final Duration SHORT_PATIENCE = Duration.ofSeconds(10);

    /** Less than an hour, so that hourly passes do not miss each other's hour. */
    private static final String AN_HOUR = "interval '50 minutes'";

    private static final int CHUNK_ROWS = 5_000;

    /** What is to go; what was begun comes first, because it stands in the way of the rest. */
    private static final String DUE = """
            select d.relid::bigint as relid, d.relid::regclass::text as name, d.day::text as day,
                   p.relid is not null as attached, coalesce(p.pending, false) as pending
            from {home}.log_event_day d
            join pg_class c on c.oid = d.relid
            left join (""" + PartitionCatalog.QUERY + """
            ) p on p.relid = d.relid::bigint
                 and p.begins = extract(epoch from d.day::timestamptz) and p.ends = extract(epoch from (d.day + 1)::timestamptz)
            where d.removed_at is null
              and (p.relid is not null or (d.detaching_at is not null
                                           and not exists (select from pg_inherits i where i.inhrelid = d.relid)))
              and greatest((d.day + 1)::timestamptz, d.written_at, least(d.made_at, now()))
                  < now() -""";

    private static final String DUE_ORDER = " order by d.detaching_at nulls last, d.day";

    private static final String REMOVED_LATELY =
            "select count(distinct day) from {home}.log_event_day where removed_at > now() - " + AN_HOUR;

    private static final String MARK =
            "update {home}.log_event_day set detaching_at = %s where relid = %d and removed_at is null";

    private final KeeperSession session;
    private final RetentionAgreement agreed;
    private final int stepDays;

    Removal(KeeperSession session, RetentionAgreement agreed, int stepDays) {
        this.session = session;
        this.agreed = agreed;
        this.stepDays = stepDays;
    }

    /** A table that is to go. */
    private record Due(long relid, String name, String day, boolean attached, boolean pending) {
        static Due of(Readable row) {
            return new Due(
                    requireNonNull(row.get("relid", Long.class)),
                    requireNonNull(row.get("name", String.class)),
                    requireNonNull(row.get("day", String.class)),
                    Boolean.TRUE.equals(row.get("attached", Boolean.class)),
                    Boolean.TRUE.equals(row.get("pending", Boolean.class)));
        }
    }

    /** How many days are to go and still there. */
    Mono<Long> overdueDays() {
        return due().map(Due::day).distinct().count();
    }

    /** One pass: whether everything could be removed that is to go now. What could not is said in the log. */
    Mono<Boolean> run() {
        return Flux.concat(
                        logged(prune("ingest_batch", "committed_at < now() - " + interval(agreed.ledgerAge()))),
                        logged(prune("ingest_delivery", "committed_at < now() - " + interval(agreed.deliveryAge()))),
                        logged(deadLetters()),
                        logged(partitions()))
                .all(Boolean::booleanValue);
    }

    private static Mono<Boolean> logged(Mono<Void> removal) {
        return removal.thenReturn(true).onErrorResume(failure -> {
            LOG.warn("{}; it is tried again soon", failure.getMessage());
            return Mono.just(false);
        });
    }

    private Flux<Due> due() {
        return session.rows(DUE + " " + interval(agreed.retention()) + DUE_ORDER, Due::of);
    }

    private Mono<Void> partitions() {
        return session.rows(REMOVED_LATELY, row -> requireNonNull(row.get(0, Long.class)))
                .single()
                .flatMap(removed -> due().collectList().flatMap(due -> remove(due, stepDays - removed)));
    }

    private Mono<Void> remove(List<Due> due, long days) {
        List<String> now =
                due.stream().map(Due::day).distinct().limit(Math.max(0, days)).toList();
        return Flux.fromIterable(due)
                .filter(table -> now.contains(table.day()))
                .concatMap(this::remove, 1)
                .then();
    }

    private Mono<Void> remove(Due table) {
        Mono<Void> detached = table.attached() ? detach(table) : Mono.empty();
        return detached.then(session.executePatiently(dropSql(table.relid()), SHORT_PATIENCE))
                .then(session.rows(
                                "select removed_at is not null from {home}.log_event_day where relid = " + table.relid()
                                        + " order by made_at desc limit 1",
                                row -> Boolean.TRUE.equals(row.get(0, Boolean.class)))
                        .single())
                .doOnNext(gone -> {
                    if (gone) {
                        LOG.info("Removed {}: it is older than events are kept", table.name());
                    } else {
                        LOG.error(
                                "{} is detached and kept: something was written to it, or was done with it, while it"
                                        + " was being removed",
                                table.name());
                    }
                })
                .onErrorMap(failure -> new IllegalStateException(
                        table.name() + " could not be removed: " + failure.getMessage(), failure))
                .then();
    }

    /**
     * Once more and under a lock: is it still what Sluice made and detached, and has nobody written to it meanwhile?
     */
    private static String dropSql(long relid) {
        return """
                do $drop$ begin
                  execute format('lock table %%s in access exclusive mode', %1$d::oid::regclass);
                  if exists (select from {home}.log_event_day d join pg_stat_all_tables s on s.relid = d.relid
                             where d.relid = %1$d and d.detaching_at is not null and d.removed_at is null
                               and not exists (select from pg_inherits i where i.inhrelid = d.relid)
                               and s.n_tup_ins <= d.inserts and pg_relation_size(d.relid) <= d.bytes) then
                    execute format('drop table %%s', %1$d::oid::regclass);
                    update {home}.log_event_day set removed_at = clock_timestamp() where relid = %1$d and removed_at is null;
                  end if;
                end $drop$""".formatted(relid);
    }

    /** Lets COPY pass, unlike a plain DETACH. The mark is withdrawn when the partition stays one after all. */
    private Mono<Void> detach(Due table) {
        String sql = "alter table {home}.log_event detach partition " + table.name();
        Mono<Long> detached = table.pending()
                ? session.executePatiently(sql + " finalize", SHORT_PATIENCE)
                : session.executePatiently(sql + " concurrently", DETACH_PATIENCE);
        String withdraw = MARK.formatted("null", table.relid())
                + " and exists (select from pg_inherits where inhrelid = relid and not inhdetachpending)";
        return session.execute(MARK.formatted("now()", table.relid()))
                .then(detached)
                .onErrorResume(
                        failure -> session.execute(withdraw).onErrorComplete().then(Mono.error(failure)))
                .then();
    }

    /** At most as many days of them in an hour as of partitions. */
    private Mono<Void> deadLetters() {
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
                        ? Mono.empty()
                        : prune("dead_letter", "received_at < '" + before.get() + "' and " + old));
    }

    /** A piece at a time, so that no transaction is long. */
    private Mono<Void> prune(String table, String condition) {
        Mono<Long> piece = session.execute(
                "delete from {home}.%1$s where ctid = any(array(select ctid from {home}.%1$s where %2$s limit %3$d))"
                        .formatted(table, condition, CHUNK_ROWS));
        return piece.expand(deleted -> deleted < CHUNK_ROWS ? Mono.empty() : piece)
                .then()
                .onErrorMap(failure -> new IllegalStateException(
                        "Old rows of " + table + " could not be removed: " + failure.getMessage(), failure));
    }

    private static String interval(Duration duration) {
        return "interval '" + duration.toSeconds() + " seconds'";
    }
}
