package dev.sluice.store;

import static java.util.stream.Collectors.joining;

import dev.sluice.store.database.TableHome;
import dev.sluice.store.schema.PartitionCatalog;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import io.r2dbc.spi.Readable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What a replay asks of {@code dead_letter}, one statement at a time, each read to its end. */
final class ReplayStatements {

    /** Where a run is: after this row, and at what was there when it began, by the database's clock. */
    record Cursor(String began, long micros, String place) {

        Cursor after(LetterKey key) {
            return new Cursor(began, key.micros(), key.place());
        }

        /** {@code received_at} is exact to the microsecond, whatever the time zone. */
        private String time() {
            return "'epoch'::timestamptz + " + micros + " * interval '1 microsecond'";
        }
    }

    private static final String NOW =
            "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";

    private final LaneConnection open;
    private final TableHome tables;
    private final String table;

    ReplayStatements(LaneConnection open, TableHome tables) {
        this.open = open;
        this.tables = tables;
        table = open.home + "dead_letter";
    }

    /** Before everything. */
    Mono<Cursor> start() {
        return rows(NOW, row -> new Cursor(text(row, 0), Long.MIN_VALUE / 4, "(0,0)"))
                .single();
    }

    /** Bounds of partitions are read as text. */
    Mono<Void> settings() {
        return changed("SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'")
                .then();
    }

    /** A transaction that changes nothing, and sees the same throughout. */
    Mono<Void> beginReading() {
        return changed("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").then();
    }

    /**
     * The next dead letters, the oldest first.
     *
     * @param locking whether they are locked; those that another replay has are passed over
     */
    Mono<List<LetterKey>> next(DeadLetterFilter filter, Cursor cursor, long most, boolean locking) {
        StringBuilder sql = new StringBuilder("SELECT " + LetterKey.COLUMNS + " FROM " + table
                + " WHERE (piece IS NULL OR piece = 1)"
                + " AND (stored_at IS NULL OR stored_at < '" + cursor.began + "')"
                + " AND (tried_at IS NULL OR tried_at < '" + cursor.began + "')");
        if (cursor.micros > Long.MIN_VALUE / 4) {
            sql.append(" AND received_at >= " + cursor.time() + " AND (received_at, ctid) > (" + cursor.time() + ", '"
                    + cursor.place + "'::tid)");
        }
        if (filter.since() != null) {
            sql.append(" AND received_at >= '" + filter.since() + "'");
        }
        if (filter.until() != null) {
            sql.append(" AND received_at < '" + filter.until() + "'");
        }
        List<String> values = new ArrayList<>();
        for (Map.Entry<String, String> column : filter.columns().entrySet()) {
            values.add(column.getValue());
            sql.append(" AND " + column.getKey() + "::text = $" + values.size());
        }
        sql.append(" ORDER BY received_at, ctid LIMIT " + most);
        if (locking) {
            sql.append(" FOR UPDATE SKIP LOCKED");
        }
        return Flux.defer(() -> {
                    PostgresqlStatement statement = open.connection.createStatement(sql.toString());
                    for (int i = 0; i < values.size(); i++) {
                        statement.bind("$" + (i + 1), values.get(i));
                    }
                    return statement.execute();
                })
                .concatMapDelayError(result -> result.map((row, metadata) -> LetterKey.of(row)))
                .collectList();
    }

    /** What there is of these frames. */
    Flux<LetterKey.Pieces> pieces(Collection<UUID> frames) {
        return frames.isEmpty()
                ? Flux.empty()
                : rows(
                        "SELECT frame, count(*), max(piece)::bigint, coalesce(max(pieces), 0)::bigint,"
                                + " sum(octet_length(payload))::bigint FROM " + table + " WHERE frame IN ("
                                + quoted(frames) + ") GROUP BY frame",
                        row -> new LetterKey.Pieces(
                                Objects.requireNonNull(row.get(0, UUID.class)),
                                number(row, 1),
                                number(row, 2),
                                number(row, 3),
                                number(row, 4)));
    }

    /** The bytes of a dead letter, or of all pieces of its frame in their order. */
    Mono<byte[]> payload(LetterKey key) {
        String where = key.frame() == null
                ? " WHERE ctid = '" + key.place() + "'::tid"
                : " WHERE frame = '" + key.frame() + "' ORDER BY piece";
        return rows("SELECT payload FROM " + table + where, row -> Objects.requireNonNull(row.get(0, byte[].class)))
                .collectList()
                .map(ReplayStatements::joined);
    }

    private static byte[] joined(List<byte[]> pieces) {
        if (pieces.size() == 1) {
            return pieces.getFirst();
        }
        byte[] whole = new byte[pieces.stream().mapToInt(piece -> piece.length).sum()];
        int at = 0;
        for (byte[] piece : pieces) {
            System.arraycopy(piece, 0, whole, at, piece.length);
            at += piece.length;
        }
        return whole;
    }

    /** The partitions that there are. */
    Mono<PartitionCatalog> partitions() {
        return rows(tables.in(PartitionCatalog.QUERY), PartitionCatalog.Row::of)
                .collectList()
                .map(PartitionCatalog::new);
    }

    /** Removes them; how many rows that were. */
    Mono<Long> delete(List<LetterKey> gone) {
        return each(gone, where -> changed("DELETE FROM " + table + " WHERE " + where));
    }

    /** It stays with another reason; the payload stays what it is. */
    Mono<Long> keep(LetterKey kept, String reason, String detail, Cursor cursor) {
        return Flux.defer(() -> open.connection
                        .createStatement("UPDATE " + table + " SET tried_at = " + triedAt(cursor)
                                + ", reason = $1, detail = $2, format = $3 WHERE "
                                + conditions(List.of(kept)).getFirst())
                        .bind("$1", reason)
                        .bind("$2", detail)
                        .bind("$3", kept.kept() == DeadLetter.Format.EVENT ? "event" : "frame")
                        .execute())
                .concatMapDelayError(result -> result.getRowsUpdated())
                .reduce(0L, Long::sum);
    }

    /** A clock that was set back must not bring it up again in the same run. */
    private static String triedAt(Cursor cursor) {
        return "greatest(clock_timestamp(), '" + cursor.began + "')";
    }

    /** Corrects the ledger: how many events it is was not known at its beginning. */
    Mono<Void> events(UUID batch, int events) {
        return changed("UPDATE " + open.home + "ingest_batch SET events = " + events + " WHERE batch_id = '" + batch
                        + "'")
                .then();
    }

    private static Mono<Long> each(List<LetterKey> keys, Function<String, Mono<Long>> statement) {
        return Flux.fromIterable(conditions(keys)).concatMap(statement, 1).reduce(0L, Long::sum);
    }

    /**
     * Rows by their place, and pieces by their frame: together in one condition they would be looked for one by one.
     */
    private static List<String> conditions(List<LetterKey> keys) {
        String places = keys.stream()
                .filter(key -> key.frame() == null)
                .map(key -> "'" + key.place() + "'")
                .collect(joining(", "));
        String frames = keys.stream()
                .map(LetterKey::frame)
                .filter(Objects::nonNull)
                .map(frame -> "'" + frame + "'")
                .collect(joining(", "));
        List<String> conditions = new ArrayList<>();
        if (!places.isEmpty()) {
            conditions.add("ctid = ANY (ARRAY[" + places + "]::tid[])");
        }
        if (!frames.isEmpty()) {
            conditions.add("frame IN (" + frames + ")");
        }
        return conditions;
    }

    private static String quoted(Collection<UUID> ids) {
        return ids.stream().map(id -> "'" + id + "'").collect(joining(", "));
    }

    private Mono<Long> changed(String sql) {
        return Flux.defer(() -> open.connection.createStatement(sql).execute())
                .concatMapDelayError(result -> result.getRowsUpdated())
                .reduce(0L, Long::sum);
    }

    private <T> Flux<T> rows(String sql, Function<Readable, T> mapping) {
        return Flux.defer(() -> open.connection.createStatement(sql).execute())
                .concatMapDelayError(result -> result.map((row, metadata) -> mapping.apply(row)));
    }

    private static String text(Readable row, int column) {
        return Objects.requireNonNull(row.get(column, String.class));
    }

    private static long number(Readable row, int column) {
        return Objects.requireNonNull(row.get(column, Long.class));
    }
}
