package dev.sluice.simulation;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The statements that Sluice sends, as PostgreSQL carries them out, and no others. */
final class SqlStatements {

    /** What became of a statement. */
    sealed interface Result {}

    record Done(ByteBuf answer) implements Result {}

    record CopyBegins(ByteBuf answer) implements Result {}

    record Failed(SqlError error) implements Result {}

    /** The session is over. */
    record Ended(SqlError error) implements Result {}

    /** It waits until the other's transaction has ended. */
    record Waits(PostgresSession other) implements Result {}

    private static final Pattern ID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    private static final int EVENT_COLUMNS = 12;
    private static final int LETTER_COLUMNS = 10;

    private final Postgres server;
    private final PostgresSession session;
    private Transaction open;
    private boolean copiesEvents;

    SqlStatements(Postgres server, PostgresSession session) {
        this.server = server;
        this.session = session;
    }

    boolean holds(UUID key) {
        return open != null && open.holds(key);
    }

    /** I without a transaction, T in one, E in one that failed. */
    char state() {
        return open == null ? 'I' : open.isFailed() ? 'E' : 'T';
    }

    void fail() {
        if (open != null) {
            open.fail();
        }
    }

    void abort() {
        open = null;
    }

    Result run(String sql) {
        if (open != null && open.isFailed() && !sql.startsWith("ROLLBACK") && !sql.equals("COMMIT")) {
            return new Failed(SqlError.of("25P02", "current transaction is aborted"));
        }
        return switch (sql) {
            case "BEGIN" -> begin();
            case "COMMIT" -> commit();
            case "ROLLBACK" -> rollback();
            case "SAVEPOINT rows", "RELEASE SAVEPOINT rows", "ROLLBACK TO SAVEPOINT rows" -> savepoint(sql);
            default -> sql.startsWith("SET ") ? done("SET") : sql.startsWith("COPY ") ? beginCopy(sql) : onTables(sql);
        };
    }

    private Result begin() {
        open = new Transaction();
        return done("BEGIN");
    }

    private Result commit() {
        Transaction ends = open;
        open = null;
        if (ends == null || ends.isFailed()) {
            server.wakeWaiting();
            return done("ROLLBACK");
        }
        server.commit(ends);
        return done("COMMIT");
    }

    private Result rollback() {
        open = null;
        server.wakeWaiting();
        return done("ROLLBACK");
    }

    private Result savepoint(String sql) {
        if (sql.startsWith("SAVEPOINT")) {
            open.save();
        } else if (sql.startsWith("RELEASE")) {
            open.release();
        } else if (!open.undo()) {
            return new Failed(SqlError.of("3B001", "savepoint does not exist"));
        }
        return done(sql.replace(" rows", ""));
    }

    private Result onTables(String sql) {
        if (sql.contains("INSERT INTO \"public\".ingest_batch")) {
            return insertBatch(sql);
        }
        if (sql.contains("INSERT INTO \"public\".ingest_delivery")) {
            return insertDeliveries(sql);
        }
        if (sql.startsWith("UPDATE \"public\".ingest_batch")) {
            UUID id = ids(sql).getLast();
            boolean isThere = server.batches.containsKey(id) || (open != null && open.batches.containsKey(id));
            return done("UPDATE " + (isThere ? 1 : 0));
        }
        if (sql.startsWith("SELECT count(*)")) {
            long count = ids(sql).stream().filter(server.deliveries::contains).count();
            return value("count", Long.toString(count));
        }
        if (sql.startsWith("SELECT asked.id")) {
            return rows(
                    "id", ids(sql).stream().filter(server.batches::containsKey).toList());
        }
        return new Done(question(sql));
    }

    /** What is asked of the server and the session. */
    private ByteBuf question(String sql) {
        String start = sql.substring(0, Math.min(20, sql.length()));
        return switch (start) {
            case "select pg_is_in_reco" ->
                BackendMessages.rows(List.of("standby", "read_only"), List.of(List.of("f", "f")));
            case "select system_identi" ->
                BackendMessages.rows(
                        List.of("system_identifier", "wal_file"), List.of(List.of("1", "000000010000000000000001")));
            case "SHOW synchronous_com" -> BackendMessages.rows(List.of("synchronous_commit"), List.of(List.of("on")));
            case "SHOW TRANSACTION ISO" ->
                BackendMessages.rows(List.of("transaction_isolation"), List.of(List.of("read committed")));
            case "SELECT extract(epoch" ->
                BackendMessages.rows(List.of("extract"), List.of(List.of(server.startedAt())));
            case "SELECT jsonb_typeof(" -> BackendMessages.rows(List.of("jsonb_typeof"), List.of());
            case "SELECT value FROM (S" -> BackendMessages.rows(List.of("value"), server.neighbour());
            default -> throw new SimulationFailure("the model of PostgreSQL does not know: " + sql);
        };
    }

    private Result insertBatch(String sql) {
        UUID id = ids(sql).getFirst();
        if (server.batches.containsKey(id)) {
            return new Failed(SqlError.duplicate("ingest_batch"));
        }
        PostgresSession holder = server.holder(id, session);
        if (holder != null) {
            return new Waits(holder);
        }
        open.batches.put(id, 0);
        return done("INSERT 0 1");
    }

    private Result insertDeliveries(String sql) {
        List<UUID> fresh = new ArrayList<>();
        for (UUID id : ids(sql)) {
            PostgresSession holder = server.holder(id, session);
            if (holder != null) {
                return new Waits(holder);
            }
            if (!server.deliveries.contains(id)) {
                open.deliveries.add(id);
                fresh.add(id);
            }
        }
        return rows("delivery_id", fresh);
    }

    private Result beginCopy(String sql) {
        copiesEvents = sql.startsWith("COPY \"public\".log_event");
        return new CopyBegins(BackendMessages.copyIn(copiesEvents ? EVENT_COLUMNS : LETTER_COLUMNS));
    }

    /** The data of a COPY has arrived. */
    Result copy(ByteBuf data) {
        if (server.isFull()) {
            return new Failed(SqlError.of("53100", "could not extend file: No space left on device"));
        }
        List<CopiedRow> rows = CopiedRow.parse(data, copiesEvents);
        if (copiesEvents) {
            for (CopiedRow row : rows) {
                Result refusal = BadRows.refusal(row.text());
                if (refusal != null) {
                    return refusal;
                }
            }
        }
        (copiesEvents ? open.events : open.letters).addAll(rows);
        return done("COPY " + rows.size());
    }

    private static List<UUID> ids(String sql) {
        Matcher found = ID.matcher(sql);
        List<UUID> ids = new ArrayList<>();
        while (found.find()) {
            ids.add(UUID.fromString(found.group()));
        }
        return ids;
    }

    private static Result rows(String column, List<UUID> ids) {
        List<List<String>> rows = ids.stream().map(id -> List.of(id.toString())).toList();
        return new Done(BackendMessages.rows(List.of(column), rows));
    }

    private static Result value(String column, String value) {
        return new Done(BackendMessages.rows(List.of(column), List.of(List.of(value))));
    }

    private static Result done(String tag) {
        return new Done(BackendMessages.complete(tag));
    }
}
