package dev.sluice.store;

import java.sql.SQLException;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the tables to the version that this service writes, before anything else touches the database. Replicas may do
 * it at once: the first one migrates, the others wait on Flyway's lock. A database that is not up yet is waited for.
 * The only user of JDBC; it blocks, and so belongs on the thread that starts the service.
 */
public final class SchemaMigration {

    private static final Logger LOG = LoggerFactory.getLogger(SchemaMigration.class);
    private static final Duration BACKOFF_MIN = Duration.ofMillis(250);
    private static final Duration BACKOFF_MAX = Duration.ofSeconds(5);
    private static final Duration LOG_INTERVAL = Duration.ofSeconds(30);

    private final JdbcUrl database;
    private final Flyway flyway;

    /** A migration of the tables in {@code schema}, or in the first one of the search path where it is null. */
    public SchemaMigration(JdbcUrl database, String user, @Nullable String password, @Nullable String schema) {
        this.database = database;
        var configuration = Flyway.configure(SchemaMigration.class.getClassLoader())
                .dataSource(database.url(), user, password)
                .locations("classpath:db/migration");
        if (schema != null) {
            configuration.defaultSchema(schema);
        }
        this.flyway = configuration.load();
    }

    /**
     * Migrates.
     *
     * @throws SchemaMigrationException when the database answers and refuses; its message says what to do
     * @throws InterruptedException when the thread is interrupted while it waits for the database
     */
    public void run() throws InterruptedException {
        Duration backoff = BACKOFF_MIN;
        long quietUntil = System.nanoTime();
        while (true) {
            try {
                flyway.migrate();
                return;
            } catch (FlywayException e) {
                String state = sqlState(e);
                if (!isPassing(state)) {
                    throw new SchemaMigrationException(database, state, e);
                }
                if (System.nanoTime() - quietUntil >= 0) {
                    LOG.warn("PostgreSQL at {} is not ready, waiting for it: {}", database.hosts(), rootMessage(e));
                    quietUntil = System.nanoTime() + LOG_INTERVAL.toNanos();
                }
            }
            Thread.sleep(backoff);
            backoff = backoff.multipliedBy(2).compareTo(BACKOFF_MAX) > 0 ? BACKOFF_MAX : backoff.multipliedBy(2);
        }
    }

    /** Not reachable, starting or stopping, out of connections, a standby, or a lock that another replica holds. */
    private static boolean isPassing(String state) {
        return state.startsWith("08")
                || state.startsWith("57P0")
                || state.startsWith("53")
                || state.startsWith("40")
                || state.equals("25006")
                || state.equals("55P03");
    }

    private static String sqlState(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState();
            }
        }
        return "";
    }

    private static @Nullable String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage();
    }
}
