package dev.sluice.store.schema;

import static java.util.Objects.requireNonNull;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** How large the ledger is, and whether the removal of its old rows keeps up, as of the last pass. */
public final class Ledger {

    /** Its tables. */
    public enum Table {
        /** Committed batches. */
        INGEST_BATCH,
        /** Deliveries that shippers may send again. */
        INGEST_DELIVERY;

        String sqlName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final State UNKNOWN = new State(Double.NaN, Double.NaN);

    private volatile Map<Table, State> states = Map.of();

    private record State(double bytes, double overdueSeconds) {}

    /** What it takes on the disk, with its indexes; not a number before the first pass. */
    public double bytes(Table table) {
        return states.getOrDefault(table, UNKNOWN).bytes();
    }

    /** By how much its oldest row is older than it is to be kept; 0 when none is. */
    public double overdueSeconds(Table table) {
        return states.getOrDefault(table, UNKNOWN).overdueSeconds();
    }

    /**
     * Looks.
     *
     * @param ages intervals of SQL for which their rows are to be kept
     */
    Mono<Void> look(KeeperSession session, Map<Table, String> ages) {
        return Flux.fromIterable(ages.entrySet())
                .concatMap(
                        each -> state(session, each.getKey(), each.getValue())
                                .map(state -> Map.entry(each.getKey(), state)),
                        1)
                .collectMap(Map.Entry::getKey, Map.Entry::getValue, () -> new EnumMap<>(Table.class))
                .doOnNext(found -> states = found)
                .then();
    }

    private static Mono<State> state(KeeperSession session, Table table, String age) {
        return session.rows(
                        """
                        select pg_total_relation_size('{home}.%1$s'::regclass)::float8 as bytes,
                               coalesce(greatest(0, extract(epoch from now() - %2$s - min(committed_at))), 0)::float8 as overdue
                        from {home}.%1$s""".formatted(table.sqlName(), age),
                        row -> new State(
                                requireNonNull(row.get("bytes", Double.class)),
                                requireNonNull(row.get("overdue", Double.class))))
                .single();
    }
}
