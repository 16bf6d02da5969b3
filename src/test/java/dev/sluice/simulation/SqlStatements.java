package dev.sluice.simulation;

import dev.sluice.simulation.SqlResult.Done;
import io.netty.buffer.ByteBuf;
import java.util.UUID;
import java.util.function.Supplier;

/** The statements that Sluice sends, as PostgreSQL carries them out in a session, and no others. */
final class SqlStatements {

    private static final String NO_TRANSACTION = "25P01";

    private final Postgres server;
    private final TableStatements tables;
    private Transaction open;

    /** What is answered when the only statement of a transaction is committed. */
    private Done onlyAnswer;

    SqlStatements(Postgres server, PostgresSession session) {
        this.server = server;
        tables = new TableStatements(server, session);
    }

    boolean holds(UUID key) {
        return open != null && open.holds(key);
    }

    boolean hasChanged(UUID batch) {
        return open != null && open.changed.contains(batch);
    }

    /** I without a transaction, T in one, E in one that failed. */
    char state() {
        return open == null ? 'I' : open.isFailed() ? 'E' : 'T';
    }

    void fail() {
        tables.forget();
        if (open != null) {
            open.fail();
            server.wakeWaiting();
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

    /** {@code isOnly} of its message. */
    SqlResult run(String sql, boolean isOnly) {
        if (open != null && open.isFailed() && !sql.startsWith("ROLLBACK") && !sql.equals("COMMIT")) {
            return SqlResult.failed("25P02", "current transaction is aborted");
        }
        return switch (sql) {
            case "BEGIN" -> begin();
            case "COMMIT" -> commit();
            case "ROLLBACK" -> rollback();
            case "SAVEPOINT rows", "RELEASE SAVEPOINT rows", "ROLLBACK TO SAVEPOINT rows" -> savepoint(sql);
            case "SET CONSTRAINTS ALL IMMEDIATE" ->
                open == null && isOnly ? noTransaction("SET CONSTRAINTS") : SqlResult.done("SET CONSTRAINTS");
            default -> sql.startsWith("SET ") ? SqlResult.done("SET") : alone(() -> tables.run(sql, open));
        };
    }

    private static SqlResult noTransaction(String tag) {
        return SqlResult.warned(NO_TRANSACTION, "there is no transaction in progress", tag);
    }

    private SqlResult begin() {
        if (open != null) {
            return SqlResult.warned("25001", "there is already a transaction in progress", "BEGIN");
        }
        open = new Transaction();
        return SqlResult.done("BEGIN");
    }

    private SqlResult commit() {
        if (open == null) {
            return noTransaction("COMMIT");
        }
        return open.isFailed() ? rollback() : committed("COMMIT");
    }

    private SqlResult committed(String tag) {
        return committed(new Done(BackendMessages.complete(tag)));
    }

    /** Until it is over the locks are held. */
    private SqlResult committed(Done answer) {
        Transaction ends = open;
        if (!ends.isWritten() && !ends.isEmpty()) {
            server.write(ends);
        }
        if (ends.isWritten() && !ends.isWaitGivenUp() && server.cluster.isWaitedFor(server, ends.position())) {
            return new SqlResult.Replicates(ends);
        }
        open = null;
        server.show(ends);
        return ends.isWaitGivenUp()
                ? new Done(BackendMessages.warning(
                                "01000", "canceling wait for synchronous replication due to user request")
                        .writeBytes(answer.answer()))
                : answer;
    }

    private SqlResult rollback() {
        boolean isThere = open != null;
        open = null;
        server.wakeWaiting();
        return isThere ? SqlResult.done("ROLLBACK") : noTransaction("ROLLBACK");
    }

    private SqlResult savepoint(String sql) {
        if (open == null) {
            return SqlResult.failed(NO_TRANSACTION, "it can only be used in transaction blocks");
        }
        boolean isThere = true;
        if (sql.startsWith("SAVEPOINT")) {
            open.save();
        } else {
            isThere = sql.startsWith("RELEASE") ? open.release() : open.undo();
            server.wakeWaiting();
        }
        return isThere
                ? SqlResult.done(sql.replace(" TO SAVEPOINT rows", "")
                        .replace(" SAVEPOINT rows", "")
                        .replace(" rows", ""))
                : SqlResult.failed("3B001", "savepoint does not exist");
    }

    /** The data of a COPY has arrived. */
    SqlResult copy(ByteBuf data) {
        return alone(() -> tables.copy(data.duplicate(), open));
    }

    /** Outside of a transaction it is one by itself. */
    private SqlResult alone(Supplier<SqlResult> statement) {
        if (open != null && !open.isWritten()) {
            return statement.get();
        }
        if (open == null) {
            open = new Transaction();
            SqlResult result = statement.get();
            if (!(result instanceof Done done)) {
                open = null;
                return result;
            }
            onlyAnswer = done;
        }
        return committed(onlyAnswer);
    }
}
