package dev.sluice.store.schema;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import dev.sluice.store.database.TableLayout;
import io.r2dbc.spi.Readable;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** Looks for settings of the database that nobody would notice before they cost events, and says what it found once. */
final class CheckUp {

    private static final Logger LOG = LoggerFactory.getLogger(CheckUp.class);

    private static final String QUERY = """
            with tables as (
                select c.oid, c.oid::regclass::text as name, c.relkind, c.relpersistence, c.relrowsecurity
                from pg_class c
                where c.oid in ('{home}.log_event'::regclass, '{home}.dead_letter'::regclass,
                                '{home}.ingest_batch'::regclass, '{home}.ingest_delivery'::regclass)
                   or c.oid in (select i.inhrelid from pg_inherits i where i.inhparent = '{home}.log_event'::regclass)),
            findings as (
                select 'UNLOGGED_TABLE' as finding, name from tables where relpersistence <> 'p'
                union all
                select 'TRIGGER', t.tgname || ' on ' || tables.name from pg_trigger t join tables on t.tgrelid = tables.oid
                where not t.tgisinternal and t.tgenabled <> 'D' and t.tgparentid = 0
                union all
                select 'ROW_SECURITY', name from tables where relrowsecurity
                union all
                select 'FOREIGN_PARTITION', name from tables where relkind = 'f'
                union all
                select 'DEFAULT_PARTITION', p.partdefid::regclass::text from pg_partitioned_table p
                where p.partrelid = '{home}.log_event'::regclass and p.partdefid <> 0
                union all
                select 'PENDING_DETACH', i.inhrelid::regclass::text from pg_inherits i
                left join {home}.log_event_day d on d.relid = i.inhrelid and d.removed_at is null
                where i.inhparent = '{home}.log_event'::regclass and i.inhdetachpending and d.detaching_at is null
                union all
                select upper(s.name) || '_OFF', s.name from pg_settings s
                where s.name in ('fsync', 'full_page_writes', 'synchronous_commit') and s.reset_val = 'off'
                union all
                select 'TRANSACTION_TIMEOUT', s.reset_val || coalesce(s.unit, '') from pg_settings s
                where s.name = 'transaction_timeout' and s.reset_val <> '0')
            select finding, string_agg(name, ', ' order by name) as names from (
                select finding, name, row_number() over (partition by finding order by name) as place from findings) f
            where place <= 5 group by finding order by finding""";

    private final Set<DatabaseFinding> harmless;
    private volatile Map<DatabaseFinding, String> findings = Map.of();

    /** Beside a DEFAULT partition no day can be made or removed, which others may not want to. */
    CheckUp(TableLayout layout) {
        harmless = layout == TableLayout.EXTERNAL ? Set.of(DatabaseFinding.DEFAULT_PARTITION) : Set.of();
    }

    /** What was found, each with the names that it is about. */
    Map<DatabaseFinding, String> findings() {
        return findings;
    }

    /** Looks; a look that fails says so and is no reason to do nothing else. */
    Mono<Void> look(KeeperSession session) {
        return session.rows(QUERY, CheckUp::of)
                .filter(found -> !harmless.contains(found.getKey()))
                .collectMap(Map.Entry::getKey, Map.Entry::getValue, () -> new EnumMap<>(DatabaseFinding.class))
                .doOnNext(this::say)
                .onErrorResume(failure -> {
                    LOG.warn("The database's settings could not be looked at: {}", failure.getMessage());
                    return Mono.empty();
                })
                .then();
    }

    private static Map.Entry<DatabaseFinding, String> of(Readable row) {
        return Map.entry(
                DatabaseFinding.valueOf(requireNonNull(row.get("finding", String.class))),
                requireNonNull(row.get("names", String.class)));
    }

    private void say(Map<DatabaseFinding, String> found) {
        if (!found.equals(findings)) {
            LOG.warn(
                    "What the database's owner set may cost events, or their durability: {}",
                    found.isEmpty()
                            ? "nothing any more"
                            : found.entrySet().stream()
                                    .map(each -> each.getKey() + " (" + each.getValue() + ")")
                                    .collect(joining(", ")));
        }
        findings = found;
    }
}
