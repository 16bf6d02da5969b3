package dev.sluice.store;

import static java.util.Comparator.comparing;

import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The days that exist, as PostgreSQL's catalog names them. Immutable. */
final class PartitionCatalog {

    /** Also finds tables of ours that are not attached: a detach whose DROP did not follow. */
    static final String QUERY = """
            select c.relname::text as name,
                   case when i.inhrelid is null then 'DETACHED'
                        when i.inhdetachpending then 'PENDING' else 'ATTACHED' end as state
            from pg_class p
            join pg_class c on c.relnamespace = p.relnamespace and c.relkind = 'r'
            left join pg_inherits i on i.inhrelid = c.oid and i.inhparent = p.oid
            where p.oid = 'log_event'::regclass and c.relname like 'log\\_event\\_%'""";

    /** How a day's table relates to {@code log_event}. */
    enum State {
        ATTACHED,
        /** A concurrent detach was begun and not completed: rows of this day have no place. */
        PENDING,
        DETACHED
    }

    /** A table as {@link #QUERY} returns it. */
    record Row(String name, State state) {}

    private final Map<DayPartition, State> days;

    private PartitionCatalog(Map<DayPartition, State> days) {
        this.days = days;
    }

    static PartitionCatalog of(Iterable<Row> rows) {
        Map<DayPartition, State> days = new TreeMap<>(comparing(DayPartition::day));
        for (Row row : rows) {
            DayPartition.named(row.name()).ifPresent(day -> days.put(day, row.state()));
        }
        return new PartitionCatalog(days);
    }

    Optional<State> state(DayPartition day) {
        return Optional.ofNullable(days.get(day));
    }

    boolean isAttached(DayPartition day) {
        return days.get(day) == State.ATTACHED;
    }

    /** The days that ended before an instant: a pending one first, because it stands in the way of the others. */
    Iterable<DayPartition> endedBefore(Instant instant) {
        return days.keySet().stream()
                .filter(day -> !day.end().isAfter(instant))
                .sorted(Comparator.<DayPartition>comparingInt(day -> days.get(day) == State.PENDING ? 0 : 1)
                        .thenComparing(DayPartition::day))
                .toList();
    }

    /** Until when every instant from {@code now} on has its place; {@code now} itself when it has none. */
    Instant horizon(Instant now) {
        Instant covered = now;
        for (DayPartition day = DayPartition.of(now); isAttached(day); day = DayPartition.of(covered)) {
            covered = day.end();
        }
        return covered;
    }
}
