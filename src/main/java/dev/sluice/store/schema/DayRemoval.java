package dev.sluice.store.schema;

import static java.util.Objects.requireNonNull;

import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Removes days that are older than they are to be kept: tables that Sluice made and detached itself, a few in an hour
 * at most. They are dropped, or moved to another schema. A day that cannot be removed keeps no other from it, but for
 * those that PostgreSQL itself makes wait.
 */
final class DayRemoval {

    private static final Logger LOG = LoggerFactory.getLogger(DayRemoval.class);

    /** A concurrent detach waits without a lock that anybody else needs. */
    private static final Duration DETACH_PATIENCE = Duration.ofMinutes(5);

    /** A plain one has COPY wait for as long as it waits itself. */
    private static final Duration PLAIN_PATIENCE = Duration.ofSeconds(2);

    /** Completing one holds a lock that stops the making of days, but not COPY. */
    private static final Duration SHORT_PATIENCE = Duration.ofSeconds(10);

    /**
     * What is to go; what was begun comes first, because it stands in the way of the rest. A day that somebody else
     * began to detach is theirs.
     */
    private static final String DUE = """
            select d.relid::bigint as relid, d.relid::regclass::text as name, d.day::text as day,
                   p.relid is not null as attached, coalesce(p.pending, false) as pending
            from {home}.log_event_day d
            join pg_class c on c.oid = d.relid
            left join (""" + PartitionCatalog.QUERY + """
            ) p on p.relid = d.relid::bigint
                 and p.begins >= extract(epoch from d.day::timestamptz) and p.ends <= extract(epoch from (d.day + 1)::timestamptz)
            where d.removed_at is null
              and ((p.relid is not null and (d.detaching_at is not null or not p.pending))
                   or (d.detaching_at is not null
                       and not exists (select from pg_inherits i where i.inhrelid = d.relid)))
              and greatest((d.day + 1)::timestamptz, d.written_at, least(d.made_at, now()))
                  < now() - interval '%d seconds'
            order by p.pending desc nulls last, d.detaching_at nulls last, d.day""";

    /** With one, PostgreSQL detaches no other without stopping COPY. */
    private static final String DEFAULT_PARTITION = """
            select partdefid::regclass::text from pg_partitioned_table
            where partrelid = '{home}.log_event'::regclass and partdefid <> 0""";

    private static final String MARK =
            "update {home}.log_event_day set detaching_at = %s where relid = %d and removed_at is null";

    private final KeeperSession session;
    private final RetentionAgreement agreed;
    private final int stepDays;
    private final UndoneRemovals undone;

    DayRemoval(KeeperSession session, RetentionAgreement agreed, int stepDays, UndoneRemovals undone) {
        this.session = session;
        this.agreed = agreed;
        this.stepDays = stepDays;
        this.undone = undone;
    }

    /** A table that is to go. */
    private record Due(long relid, String name, String day, boolean attached, boolean pending) {
        private static Due of(Readable row) {
            return new Due(
                    requireNonNull(row.get("relid", Long.class)),
                    requireNonNull(row.get("name", String.class)),
                    requireNonNull(row.get("day", String.class)),
                    Boolean.TRUE.equals(row.get("attached", Boolean.class)),
                    Boolean.TRUE.equals(row.get("pending", Boolean.class)));
        }
    }

    /** What went before a table, and whether another one keeps PostgreSQL from detaching it. */
    private record Before(long days, boolean isBlocked) {
        private static Before of(Readable row) {
            return new Before(
                    requireNonNull(row.get("days", Long.class)),
                    Boolean.TRUE.equals(row.get("blocked", Boolean.class)));
        }
    }

    /** What became of a table. */
    private enum Outcome {
        REMOVED,
        /** Why was said. */
        LEFT,
        /** Enough went within the hour. */
        LATER
    }

    /** How many days are to go and still there. */
    Mono<Long> overdue() {
        return due().map(Due::day).distinct().count();
    }

    /** Removes what may go now: whether all of it went. */
    Mono<Boolean> run() {
        return due().collectList().flatMap(due -> due.isEmpty() ? Mono.just(true) : remove(due));
    }

    private Mono<Boolean> remove(List<Due> due) {
        return DayArchive.prepare(session, agreed.archive())
                .thenReturn(true)
                .onErrorResume(KeeperSession::isAnswer, failure -> {
                    undone.say("What is to go to schema " + agreed.archive(), UndoneRemovals.reason(failure));
                    return Mono.just(false);
                })
                .flatMap(ready -> ready ? removeInTurn(due) : Mono.just(false));
    }

    private Mono<Boolean> removeInTurn(List<Due> due) {
        return clearTheWay(due)
                .flatMap(clear -> Flux.fromIterable(due)
                        .filter(table -> clear || !table.attached())
                        .concatMap(this::removeInTurn, 1)
                        .takeUntil(Outcome.LATER::equals)
                        .map(outcome -> outcome != Outcome.LEFT)
                        .reduce(clear, Boolean::logicalAnd));
    }

    private Flux<Due> due() {
        return session.rows(DUE.formatted(agreed.retention().toSeconds()), Due::of);
    }

    /** Whether days can be detached at all; why not was said. */
    private Mono<Boolean> clearTheWay(List<Due> due) {
        long waiting =
                due.stream().filter(Due::attached).map(Due::day).distinct().count();
        if (waiting == 0) {
            return Mono.just(true);
        }
        return session.rows(DEFAULT_PARTITION, row -> requireNonNull(row.get(0, String.class)))
                .next()
                .map(table -> {
                    undone.say(
                            table,
                            "it is the DEFAULT partition of log_event, and beside one PostgreSQL cannot detach days"
                                    + " without stopping COPY; days that wait for that: " + waiting);
                    return false;
                })
                .switchIfEmpty(PartitionMaking.catalog(session)
                        .flatMap(days -> Mono.justOrEmpty(days.pending()))
                        .filter(half -> due.stream().noneMatch(table -> table.relid() == half.relid()))
                        .flatMap(half -> finish(half, waiting))
                        .defaultIfEmpty(true));
    }

    /**
     * What is half detached and not to go stands in the way of all. It is detached for the one who began it, and
     * theirs; it may also be a day that was to go, before the retention became longer.
     */
    private Mono<Boolean> finish(PartitionCatalog.Row half, long waiting) {
        return PartitionMaking.finishDetach(session, half)
                .doOnSuccess(done -> LOG.info(
                        "Completed the detach of {} that had been begun: days that are to go waited for it. It is kept",
                        half.name()))
                .thenReturn(true)
                .onErrorResume(KeeperSession::isAnswer, failure -> {
                    undone.say(half.name(), UndoneRemovals.reason(failure) + "; days that wait for it: " + waiting);
                    return Mono.just(false);
                });
    }

    private Mono<Outcome> removeInTurn(Due table) {
        return session.rows(beforeSql(table), Before::of).single().flatMap(before -> {
            if (before.days() >= stepDays) {
                return Mono.just(Outcome.LATER);
            }
            return before.isBlocked() && table.attached() ? Mono.just(Outcome.LEFT) : removeOrSay(table);
        });
    }

    /**
     * Other days that went within the hour, wholly or only out of {@code log_event}; and whether another partition is
     * half detached, for then PostgreSQL detaches none but that.
     */
    private static String beforeSql(Due table) {
        return """
            select count(distinct d.day) as days,
                   exists (select from pg_inherits i where i.inhparent = '{home}.log_event'::regclass
                                                       and i.inhdetachpending and i.inhrelid <> %d) as blocked
            from {home}.log_event_day d
            where d.day <> '%s'
              and (d.removed_at > now() - %3$s
                   or (d.removed_at is null and d.detaching_at > now() - %3$s
                       and not exists (select from pg_inherits i where i.inhrelid = d.relid and not i.inhdetachpending)))""".formatted(table.relid(), table.day(), Removal.AN_HOUR);
    }

    private Mono<Outcome> removeOrSay(Due table) {
        return remove(table).thenReturn(Outcome.REMOVED).onErrorResume(KeeperSession::isAnswer, failure -> {
            undone.say(table.name(), UndoneRemovals.reason(failure));
            return Mono.just(Outcome.LEFT);
        });
    }

    private Mono<Void> remove(Due table) {
        Mono<Void> detached = table.attached() ? detach(table) : Mono.empty();
        String archive = agreed.archive();
        String sql = archive == null ? dropSql(table.relid()) : DayArchive.moveSql(table.relid(), archive);
        return detached.then(session.executePatiently(sql, SHORT_PATIENCE))
                .then(session.rows(
                                "select removed_at is not null from {home}.log_event_day where relid = " + table.relid()
                                        + " order by made_at desc limit 1",
                                row -> Boolean.TRUE.equals(row.get(0, Boolean.class)))
                        .single())
                .doOnNext(gone -> {
                    if (gone) {
                        LOG.info(
                                "{} {}: it is older than events are kept",
                                archive == null ? "Removed" : "Moved to schema " + archive + ":",
                                table.name());
                    } else {
                        LOG.error(
                                "{} is detached and kept: something was written to it, or was done with it, while it"
                                        + " was being removed",
                                table.name());
                    }
                })
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

    /**
     * Lets COPY pass, unlike a plain DETACH, but for Citus, which knows no other. The mark is withdrawn when the
     * partition stays one after all.
     */
    private Mono<Void> detach(Due table) {
        String sql = "alter table {home}.log_event detach partition " + table.name();
        Mono<Long> detached = table.pending()
                ? session.executePatiently(sql + " finalize", SHORT_PATIENCE)
                : session.isDistributed()
                        ? session.executePatiently(sql, PLAIN_PATIENCE)
                        : session.executePatiently(sql + " concurrently", DETACH_PATIENCE);
        String withdraw = MARK.formatted("null", table.relid())
                + " and exists (select from pg_inherits where inhrelid = relid and not inhdetachpending)";
        return session.execute(MARK.formatted("now()", table.relid()))
                .then(detached)
                .onErrorResume(
                        failure -> session.execute(withdraw).onErrorComplete().then(Mono.error(failure)))
                .then();
    }
}
