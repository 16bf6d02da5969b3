package dev.sluice.store.schema;

import dev.sluice.store.database.JdbcUrl;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * Finds out whether a pooler between here and the server gives a session of ours to others after each transaction. Time
 * limits, the lock of those that remove days, and the level of messages by which a COMMIT warns belong to a session:
 * somebody else would get ours, and we theirs.
 */
final class PooledSessions {

    private static final String ASK = "select pg_backend_pid()";
    private static final int ROUNDS = 3;
    private static final int PATIENCE_MILLIS = 5_000;
    private static final String TOO_MANY_CONNECTIONS = "53300";

    private PooledSessions() {}

    /** Refuses such a pooler. */
    static void refuse(DataSource server, JdbcUrl database) throws SQLException {
        try (Connection first = server.getConnection();
                Connection second = server.getConnection()) {
            second.setNetworkTimeout(Runnable::run, PATIENCE_MILLIS);
            if (areShared(first, second)) {
                throw new SchemaMigrationException("The pooler at " + database.hosts()
                        + " gives a connection to others after each transaction (pool_mode is transaction or statement),"
                        + " and Sluice's locks and time limits belong to a session.\nSet pool_mode=session for database '"
                        + database.name() + "' in the pooler, or name the server itself in spring.r2dbc.url.");
            }
        }
    }

    /**
     * A connection that is kept stays with its process, and keeps another one from it. Where they are shared, the only
     * one that is idle answers both; of several either the last one used answers both, or the next one each time, which
     * is why each is asked twice in a row.
     */
    private static boolean areShared(Connection first, Connection second) throws SQLException {
        int process = process(first);
        int other = processInTime(second);
        for (int i = 0; i < ROUNDS; i++) {
            if (other == process
                    || process(first) != process
                    || process(first) != process
                    || processInTime(second) != other
                    || processInTime(second) != other) {
                return true;
            }
        }
        return false;
    }

    private static int processInTime(Connection connection) throws SQLException {
        try {
            return process(connection);
        } catch (SQLException failure) {
            if (!(failure.getCause() instanceof SocketTimeoutException)) {
                throw failure;
            }
            throw new SQLException(
                    "no second connection answers within 5 s: the pool of a pooler may be too small",
                    TOO_MANY_CONNECTIONS,
                    failure);
        }
    }

    private static int process(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(ASK)) {
            answer.next();
            return answer.getInt(1);
        }
    }
}
