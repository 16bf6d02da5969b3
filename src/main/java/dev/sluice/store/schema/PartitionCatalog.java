package dev.sluice.store.schema;

import static java.util.Objects.requireNonNull;

import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The partitions that exist, as PostgreSQL's catalog knows them: by parent and bounds, whatever they are called. */
public final class PartitionCatalog {

    /**
     * All partitions but one that takes what the others do not: it has no bounds. A table that PostgreSQL does not
     * partition is one for all times. Seconds since 1970.
     */
    public static final String QUERY = """
            select c.oid::bigint as relid, c.oid::regclass::text as name, i.inhdetachpending as pending,
                   d.relid is not null as own,
                   coalesce(extract(epoch from b.begins), '-infinity')::float8 as begins,
                   coalesce(extract(epoch from b.ends), 'infinity')::float8 as ends
            from pg_inherits i
            join pg_class c on c.oid = i.inhrelid
            left join {home}.log_event_day d on d.relid = c.oid and d.removed_at is null
            cross join lateral (select pg_get_expr(c.relpartbound, 0) as text) bound
            cross join lateral (
                select (regexp_match(bound.text, 'FROM \\(''([^'']+)''\\)'))[1]::timestamptz as begins,
                       (regexp_match(bound.text, 'TO \\(''([^'']+)''\\)'))[1]::timestamptz as ends) b
            where i.inhparent = '{home}.log_event'::regclass and bound.text <> 'DEFAULT'
            union all
            select c.oid::bigint, c.oid::regclass::text, false, false, '-infinity'::float8, 'infinity'::float8
            from pg_class c where c.oid = '{home}.log_event'::regclass and c.relkind <> 'p'""";

    private static final Duration FAR = Duration.ofDays(366);

    /**
     * A partition.
     *
     * @param name as SQL wants it
     * @param pending a concurrent detach was begun and not completed: its rows have no place
     * @param own Sluice made it
     */
    public record Row(long relid, String name, Instant begin, Instant end, boolean pending, boolean own) {

        /** From a row of {@link #QUERY}. */
        public static Row of(Readable row) {
            return new Row(
                    requireNonNull(row.get("relid", Long.class)),
                    requireNonNull(row.get("name", String.class)),
                    instant(requireNonNull(row.get("begins", Double.class))),
                    instant(requireNonNull(row.get("ends", Double.class))),
                    Boolean.TRUE.equals(row.get("pending", Boolean.class)),
                    Boolean.TRUE.equals(row.get("own", Boolean.class)));
        }

        private static Instant instant(double seconds) {
            if (Double.isInfinite(seconds)) {
                return seconds < 0 ? Instant.MIN : Instant.MAX;
            }
            return Instant.ofEpochMilli(Math.round(seconds * 1000));
        }

        private boolean contains(Instant instant) {
            return !begin.isAfter(instant) && end.isAfter(instant);
        }

        private boolean overlaps(DayPartition day) {
            return begin.isBefore(day.end()) && end.isAfter(day.begin());
        }
    }

    /** A time of which rows have no place. */
    record Gap(Instant begin, Instant end) {}

    private final List<Row> rows;

    /** Those that were found. */
    public PartitionCatalog(List<Row> rows) {
        this.rows = List.copyOf(rows);
    }

    /** The parts of the day that have no place; somebody may have made one for some hours of it. */
    List<Gap> gaps(DayPartition day) {
        List<Gap> gaps = new ArrayList<>();
        Instant covered = day.begin();
        for (Row row : rows.stream()
                .filter(row -> !row.pending() && row.overlaps(day))
                .sorted(Comparator.comparing(Row::begin))
                .toList()) {
            if (covered.isBefore(row.begin())) {
                gaps.add(new Gap(covered, row.begin()));
            }
            covered = row.end();
        }
        if (covered.isBefore(day.end())) {
            gaps.add(new Gap(covered, day.end()));
        }
        return gaps;
    }

    /** What is half detached; there is one at most, and it stands in the way of other detaches and of its own day. */
    Optional<Row> pending() {
        return rows.stream().filter(Row::pending).findFirst();
    }

    /** What is half detached and stands in the way of this day. */
    Optional<Row> pending(DayPartition day) {
        return pending().filter(row -> row.overlaps(day));
    }

    /** Partitions of others that ended before an instant: their owner decides about them. */
    List<Row> foreignBefore(Instant instant) {
        return rows.stream()
                .filter(row -> !row.own() && !row.end().isAfter(instant))
                .toList();
    }

    /** Until when every instant from {@code now} on has its place, a year at most; {@code now} when it has none. */
    Instant horizon(Instant now) {
        Instant covered = now;
        Optional<Row> next = at(covered);
        while (next.isPresent()) {
            covered = next.get().end();
            next = at(covered);
        }
        Instant far = now.plus(FAR);
        return covered.isAfter(far) ? far : covered;
    }

    /** Whether a row of that time has its place. */
    public boolean takes(Instant instant) {
        return at(instant).isPresent();
    }

    private Optional<Row> at(Instant instant) {
        return rows.stream()
                .filter(row -> !row.pending() && row.contains(instant))
                .findFirst();
    }
}
