package dev.sluice.store.schema;

import static java.util.Objects.requireNonNull;

import io.r2dbc.spi.Readable;
import java.time.Instant;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What one session does about indexes of days that are over: it finds those that are missing, and builds one. */
final class IndexBuild {

    /**
     * Both clocks have to agree that a day is over. What is as PostgreSQL writes it counts under any name, also where
     * it belongs to an index of {@code log_event}. A session that builds, vacuums or detaches there has a lock that
     * shows; and while a partition is half detached, the snapshot of a build would keep that from being completed.
     */
    private static final String LACKING = """
            with wanted as materialized ({wanted}),
                 busy as materialized (
                     select distinct l.relation from pg_locks l
                     where l.locktype = 'relation' and l.pid <> pg_backend_pid()
                       and l.mode not in ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock'))
            select d.day::text as day, d.relid::regclass::text as name, w.place, b.name as index,
                   exists (select from pg_index x where x.indexrelid = to_regclass(b.name) and x.indrelid = d.relid
                                                    and not x.indisvalid) as invalid,
                   d.relid in (select relation from busy)
                   or exists (select from pg_inherits h where h.inhparent = '{home}.log_event'::regclass
                                                          and h.inhdetachpending) as busy
            from {home}.log_event_day d
            join pg_class c on c.oid = d.relid
            join pg_inherits i on i.inhrelid = d.relid and i.inhparent = '{home}.log_event'::regclass
                              and not i.inhdetachpending
            cross join wanted w
            cross join lateral (
                select format('%s.%I', c.relnamespace::regnamespace, left(c.relname, 30) || '_finished_' || w.suffix)
                    as name) b
            where d.removed_at is null and d.detaching_at is null
              and greatest((d.day + 1)::timestamptz, d.written_at)
                  < least(now(), to_timestamp({here})) - interval '{after} seconds'
              and (d.day + 1)::timestamptz > now() - interval '{kept} seconds'
              and not exists (select from pg_index x where x.indrelid = d.relid and x.indisvalid and {definition} = w.definition)
            order by d.day desc, w.place""";

    private final KeeperSession session;
    private final FinishedDaySettings settings;

    IndexBuild(KeeperSession session, FinishedDaySettings settings) {
        this.session = session;
        this.settings = settings;
    }

    /**
     * An index that a day lacks.
     *
     * @param name of the table
     * @param index its name, whose definition is the one at {@code place}
     * @param invalid a build that did not come to its end left one of that name
     * @param busy nothing can be built there now
     */
    record Lacking(String day, String name, int place, String index, boolean invalid, boolean busy) {
        private static Lacking of(Readable row) {
            return new Lacking(
                    requireNonNull(row.get("day", String.class)),
                    requireNonNull(row.get("name", String.class)),
                    requireNonNull(row.get("place", Integer.class)),
                    requireNonNull(row.get("index", String.class)),
                    Boolean.TRUE.equals(row.get("invalid", Boolean.class)),
                    Boolean.TRUE.equals(row.get("busy", Boolean.class)));
        }
    }

    /** What is missing, of the newest day first: it is asked for most. */
    Mono<List<Lacking>> lacking(Instant here) {
        IndexProbe probe = new IndexProbe(settings.indexes());
        String sql = LACKING.replace("{wanted}", probe.definitionsSql())
                .replace("{definition}", IndexProbe.definitionSql("x.indexrelid"))
                .replace("{here}", Long.toString(here.getEpochSecond()))
                .replace("{after}", Long.toString(settings.after().toSeconds()))
                .replace(
                        "{kept}",
                        Long.toString(
                                settings.retention().minus(settings.timeout()).toSeconds()));
        return session.execute("begin")
                .then(session.execute(probe.tableSql()))
                .thenMany(Flux.fromIterable(probe.indexSql()).concatMap(session::execute, 1))
                .thenMany(session.rows(sql, Lacking::of))
                .collectList()
                .flatMap(lacking -> session.execute("rollback").thenReturn(lacking));
    }

    /**
     * Builds it without stopping COPY; it waits for all old snapshots of the database, for as long as it may. What a
     * build leaves that fails takes as much room as it has written: it goes at once, where the session still lives.
     */
    Mono<Void> build(Lacking missing) {
        String drop = "drop index concurrently if exists " + missing.index();
        String name = missing.index().substring(missing.index().lastIndexOf('.') + 1);
        String create = "create index concurrently " + name + " on " + missing.name() + " "
                + settings.indexes().get(missing.place()).definition();
        return session.execute(limitsSql())
                .then(missing.invalid() ? session.execute(drop) : Mono.empty())
                .then(session.execute(create)
                        .onErrorResume(failure ->
                                session.execute(drop).onErrorComplete().then(Mono.error(failure))))
                .then(session.execute("analyze " + missing.name()))
                .then();
    }

    /** A server that its client left without a word would hold the lock of those that build until it noticed. */
    private String limitsSql() {
        return """
                set lock_timeout = 0; set statement_timeout = %d; set maintenance_work_mem = '%dkB';
                set max_parallel_maintenance_workers = 0;
                set tcp_keepalives_idle = 60; set tcp_keepalives_interval = 10; set tcp_keepalives_count = 6""".formatted(settings.timeout().toMillis(), settings.memoryKilobytes());
    }
}
