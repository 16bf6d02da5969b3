package dev.sluice.store.schema;

import reactor.core.publisher.Mono;

/** What is noted in {@code log_event_day}: which tables Sluice made, and when rows were last added to them. */
final class MadeDays {

    /**
     * After a restore from a dump all tables have other numbers, {@code log_event} too. Its partitions of the days that
     * were noted are Sluice's then, if they have such a name as Sluice gives; what stands beside it is nobody's. The
     * name is asked for because another table may have come into the place of {@code log_event}, with days of others.
     */
    private static final String AFTER_RESTORE = """
            do $restored$ begin
              if exists (select from {home}.retention_pass where log_event = '{home}.log_event'::regclass) then
                return;
              end if;
              with before as (
                  delete from {home}.log_event_day where removed_at is null returning day, made_at, written_at)
              insert into {home}.log_event_day (relid, day, made_at, written_at)
              select p.relid::oid, b.day, b.made_at, b.written_at
              from (select day, min(made_at) as made_at, max(written_at) as written_at from before group by day) b
              join (%s) p on p.begins = extract(epoch from b.day::timestamptz)
                         and p.ends = extract(epoch from (b.day + 1)::timestamptz)
              join pg_class c on c.oid = p.relid::oid and c.relname ~ ('^log_event_' || to_char(b.day, 'YYYYMMDD') || '(_[0-9]+)?$');
              delete from {home}.retention_pass;
              insert into {home}.retention_pass (log_event, passed_at, steady_since)
              values ('{home}.log_event'::regclass, now(), now());
            end $restored$""".formatted(PartitionCatalog.QUERY);

    private static final String FORGET_DROPPED = """
            delete from {home}.log_event_day d
            where d.removed_at is null and not exists (select from pg_class c where c.oid = d.relid)""";

    /**
     * Notes which days were written to since the last look. An insert counts, and so does growth, for the counters
     * start anew when the server crashes; a rewrite that makes a table smaller does not.
     */
    private static final String NOTE_WRITTEN = """
            update {home}.log_event_day d
            set written_at = case when s.n_tup_ins > d.inserts or pg_relation_size(d.relid) > d.bytes
                                    or d.written_at > now() then now() else d.written_at end,
                inserts = s.n_tup_ins, bytes = pg_relation_size(d.relid)
            from pg_stat_all_tables s
            where s.relid = d.relid and d.removed_at is null
              and (d.inserts is distinct from s.n_tup_ins or d.bytes is distinct from pg_relation_size(d.relid)
                   or d.written_at > now())""";

    /**
     * A mark whose detach did not come about, and could not be withdrawn because the session was lost, would let what
     * somebody detaches later look like what Sluice detached. While a replica removes, marks are its own.
     */
    private static final String WITHDRAW_MARKS = """
            update {home}.log_event_day d set detaching_at = null
            where d.removed_at is null and d.detaching_at is not null
              and exists (select from pg_inherits i where i.inhrelid = d.relid and not i.inhdetachpending)
              and pg_try_advisory_xact_lock(%s)""".formatted(PartitionKeeper.REMOVE_LOCK);

    private MadeDays() {}

    /** Brings the notes up to date with the tables. */
    static Mono<Void> refresh(KeeperSession session) {
        return session.execute(AFTER_RESTORE)
                .then(session.execute(FORGET_DROPPED))
                .then(session.execute(WITHDRAW_MARKS))
                .then(session.execute(NOTE_WRITTEN))
                .then();
    }
}
