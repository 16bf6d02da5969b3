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

    /** It waits until the standby has it, or somebody gives that up. */
    record Replicates(Transaction done) implements Result {}

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

    /** The session is over. What is in the log already stays, whether somebody waited for a standby or not. */
    void abort() {
        Transaction ends = open;
        open = null;
        if (ends != null && ends.isWritten()) {
            server.show(ends);
        }
    }

    Result run(String sql) {
        if (open != null && open.isFailed() && !sql.startsWith("ROLLBACK") && !sql.equals("COMMIT")) {
            return new Failed(SqlError.of("25P02", "current transaction is aborted"));
        }
        if (server.isStandby() && (sql.startsWith("INSERT") || sql.startsWith("COPY") || sql.startsWith("UPDATE"))) {
            return new Failed(SqlError.of("25006", "cannot execute it in a read-only transaction"));
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
        if (ends == null || ends.isFailed()) {
            open = null;
            server.wakeWaiting();
            return done("ROLLBACK");
        }
        return committed(ends, "COMMIT");
    }

    /** Also for a statement that is a transaction of its own. Until it is over the locks are held. */
    private Result committed(Transaction ends, String tag) {
        open = ends;
        if (!ends.isWritten()) {
            server.write(ends);
        }
        if (!ends.isWaitGivenUp() && server.cluster.isWaitedFor(server, ends.position())) {
            return new Replicates(ends);
        }
        open = null;
        server.show(ends);
        return ends.isWaitGivenUp() ? warned(tag) : done(tag);
    }

    private static Result warned(String tag) {
        return new Done(BackendMessages.warning("canceling wait for synchronous replication due to user request")
                .writeBytes(BackendMessages.complete(tag)));
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
            return update(ids(sql).getLast());
        }
        if (sql.startsWith("SELECT count(*)")) {
            long count = ids(sql).stream().filter(tables().deliveries::contains).count();
            return value("count", Long.toString(count));
        }
        if (sql.startsWith("SELECT asked.id")) {
            return rows(
                    "id",
                    ids(sql).stream().filter(tables().batches::containsKey).toList());
        }
        return new Done(question(sql));
    }

    /** Outside of a transaction it is one by itself, which is how the writer confirms what the ledger has. */
    private Result update(UUID id) {
        boolean isOwn = open != null && open.isWritten();
        if (open != null && !isOwn) {
            return done("UPDATE "
                    + (open.batches.containsKey(id) || tables().batches.containsKey(id) ? 1 : 0));
        }
        return tables().batches.containsKey(id)
                ? committed(isOwn ? open : new Transaction(), "UPDATE 1")
                : done("UPDATE 0");
    }

    private Tables tables() {
        return server.tables();
    }

    /** What is asked of the server and the session. */
    private ByteBuf question(String sql) {
        String start = sql.substring(0, Math.min(20, sql.length()));
        return switch (start) {
            case "select pg_is_in_reco" ->
                BackendMessages.rows(
                        List.of("standby", "read_only"),
                        List.of(List.of(server.isStandby() ? "t" : "f", server.isStandby() ? "t" : "f")));
            case "select system_identi" ->
                BackendMessages.rows(
                        List.of("system_identifier", "wal_file"),
                        List.of(List.of("1", "%08X0000000000000001".formatted(server.timeline()))));
            case "SHOW synchronous_com" -> BackendMessages.rows(List.of("synchronous_commit"), List.of(List.of("on")));
            case "SHOW TRANSACTION ISO" ->
                BackendMessages.rows(List.of("transaction_isolation"), List.of(List.of("read committed")));
            case "SELECT extract(epoch" ->
                BackendMessages.rows(List.of("extract"), List.of(List.of(server.startedAt())));
            case "SELECT jsonb_typeof(" -> BackendMessages.rows(List.of("jsonb_typeof"), List.of());
            case "SELECT value FROM (S" -> BackendMessages.rows(List.of("value"), tables().neighbour());
            default -> throw new SimulationFailure("the model of PostgreSQL does not know: " + sql);
        };
    }

    private Result insertBatch(String sql) {
        UUID id = ids(sql).getFirst();
        if (tables().batches.containsKey(id)) {
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
            if (!tables().deliveries.contains(id)) {
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
