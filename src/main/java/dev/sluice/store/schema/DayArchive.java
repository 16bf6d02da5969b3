package dev.sluice.store.schema;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The schema that old days are moved to in place of being dropped. What is in it is its owner's: Sluice never looks at
 * it again.
 */
final class DayArchive {

    /** Advisory locks are numbers; two replicas may want to make the schema at once. */
    private static final long LOCK = 0x736c7569_63650004L;

    private DayArchive() {}

    /** Makes the schema where there is none; fails before a day is detached for nothing. */
    static Mono<Void> prepare(KeeperSession session, @Nullable String schema) {
        return schema == null
                ? Mono.empty()
                : session.execute("""
                do $archive$ begin
                  perform pg_advisory_xact_lock(%1$d);
                  if to_regnamespace('"%2$s"') is null then
                    create schema "%2$s";
                  elsif not (has_schema_privilege(to_regnamespace('"%2$s"')::oid, 'usage')
                             and has_schema_privilege(to_regnamespace('"%2$s"')::oid, 'create')) then
                    raise insufficient_privilege using message = 'permission denied for schema %2$s';
                  end if;
                end $archive$""".formatted(LOCK, schema)).then();
    }

    /**
     * Moves a table under a lock, if it is still what Sluice made and detached. Rows that came meanwhile go along. Its
     * indexes move with it, so they need names that are free there, too; a new name must be free in both schemas.
     */
    static String moveSql(long relid, String schema) {
        return """
                do $move$ declare
                  each record;
                  free text;
                  others integer;
                begin
                  execute format('lock table %%s in access exclusive mode', %1$d::oid::regclass);
                  if not exists (select from {home}.log_event_day d
                                 where d.relid = %1$d and d.detaching_at is not null and d.removed_at is null
                                   and not exists (select from pg_inherits i where i.inhrelid = d.relid)) then
                    return;
                  end if;
                  for each in select c.oid::regclass as name, c.relname, c.relnamespace::regnamespace as home,
                                     case c.relkind when 'r' then 'table' else 'index' end as kind
                              from pg_class c
                              where c.oid = %1$d or c.oid in (select indexrelid from pg_index where indrelid = %1$d) loop
                    free := each.relname;
                    others := 0;
                    while to_regclass(format('%%I.%%I', '%2$s', free)) is not null
                          or (others > 0 and to_regclass(format('%%s.%%I', each.home, free)) is not null) loop
                      others := others + 1;
                      free := left(each.relname, 50) || '_' || others;
                    end loop;
                    if others > 0 then
                      execute format('alter %%s %%s rename to %%I', each.kind, each.name, free);
                    end if;
                  end loop;
                  execute format('alter table %%s set schema %%I', %1$d::oid::regclass, '%2$s');
                  update {home}.log_event_day set removed_at = clock_timestamp() where relid = %1$d and removed_at is null;
                end $move$""".formatted(relid, schema);
    }
}
