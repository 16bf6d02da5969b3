package dev.sluice.store.schema;

import static java.util.Objects.requireNonNull;

import dev.sluice.store.database.JdbcUrl;
import dev.sluice.store.database.Reason;
import dev.sluice.store.database.TableHome;
import io.r2dbc.spi.R2dbcException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Brings the tables to the version that this service writes, before anything else touches the database. Replicas may do
 * it at once: the first one migrates, the others wait on Flyway's lock. A database that is not up yet is waited for.
 * The only user of JDBC. It blocks, and so belongs on the thread that starts the service; JDBC itself has a thread of
 * its own, because a read from a server that hangs hears no interrupt.
 */
public final class SchemaMigration {

    private static final Logger LOG = LoggerFactory.getLogger(SchemaMigration.class);
    private static final Duration BACKOFF_MIN = Duration.ofMillis(250);
    private static final Duration BACKOFF_MAX = Duration.ofSeconds(2);
    private static final Duration LOG_INTERVAL = Duration.ofSeconds(30);
    private static final Duration SILENCE = Duration.ofSeconds(2);
    private static final Duration SAID_AFTER = Duration.ofSeconds(1);

    private final JdbcUrl database;
    private final Mono<JdbcUrl> primary;
    private final TableSetup setup;

    /** A migration of the tables in their home; where they have none yet, in the first schema of the search path. */
    public SchemaMigration(JdbcUrl database, String user, @Nullable String password, TableHome home) {
        this(database, Mono.just(database), ofOne(new DatabaseAccount(user, password, DatabaseAccount.WRITER)), home);
    }

    /**
     * As the other one, on one of several servers.
     *
     * @param database all of them, for messages
     * @param primary the one to migrate; looked up before each try, and now and then while it is silent
     */
    public SchemaMigration(JdbcUrl database, Mono<JdbcUrl> primary, SchemaSettings settings, TableHome home) {
        this.database = database;
        this.primary = primary;
        setup = new TableSetup(database, settings, home);
    }

    private static SchemaSettings ofOne(DatabaseAccount account) {
        return new SchemaSettings(account, account, null, List.of(), true);
    }

    /**
     * Migrates.
     *
     * @throws SchemaMigrationException when the database answers and refuses; its message says what to do
     * @throws InterruptedException when the thread is interrupted while it waits for the database
     */
    public void run() throws InterruptedException {
        Duration backoff = BACKOFF_MIN;
        WaitingLog log = new WaitingLog(database.hosts());
        while (true) {
            setup.searches();
            try {
                if (migrated(found(log))) {
                    return;
                }
            } catch (ExecutionException e) {
                Throwable failure = e.getCause() == null ? e : e.getCause();
                if (failure instanceof SchemaMigrationException refused) {
                    throw refused;
                }
                String state = sqlState(failure);
                if (!isPassing(state)) {
                    throw new SchemaMigrationException(database, setup.acting(), state, failure);
                }
                log.failed(Reason.of(failure));
            }
            Thread.sleep(backoff);
            backoff = backoff.multipliedBy(2).compareTo(BACKOFF_MAX) > 0 ? BACKOFF_MAX : backoff.multipliedBy(2);
        }
    }

    private JdbcUrl found(WaitingLog log) throws InterruptedException, ExecutionException {
        CompletableFuture<@Nullable JdbcUrl> search = primary.toFuture();
        try {
            return requireNonNull(search.get(SAID_AFTER.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            log.silent();
            return requireNonNull(search.get());
        }
    }

    /** False when the server fell silent and another one takes the writes: then it is left alone with what it has. */
    private boolean migrated(JdbcUrl server) throws InterruptedException, ExecutionException {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("sluice-migration").start(() -> migrate(server, done));
        while (true) {
            try {
                return done.get(SILENCE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (isElsewhere(server)) {
                    return false;
                }
            }
        }
    }

    private void migrate(JdbcUrl server, CompletableFuture<Boolean> done) {
        try {
            setup.run(server);
            done.complete(true);
        } catch (Throwable e) { // somebody waits for it
            done.completeExceptionally(e);
        }
    }

    private boolean isElsewhere(JdbcUrl server) throws InterruptedException {
        try {
            return !requireNonNull(primary.toFuture().get()).hosts().equals(server.hosts());
        } catch (ExecutionException nobody) {
            LOG.debug("No host takes writes now", nobody);
            return false;
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
            String state =
                    switch (cause) {
                        case SQLException sql -> sql.getSQLState();
                        case R2dbcException r2dbc -> r2dbc.getSqlState();
                        default -> null;
                    };
            if (state != null) {
                return state;
            }
        }
        return "";
    }

    /** Says that the database is waited for: at once, when the reason changes, and every so often. */
    private static final class WaitingLog {

        private final String hosts;
        private String said = "";
        private long quietUntil;

        WaitingLog(String hosts) {
            this.hosts = hosts;
        }

        void silent() {
            if (said.isEmpty()) {
                LOG.info("PostgreSQL at {} has not answered yet, waiting for it", hosts);
            }
        }

        void failed(String reason) {
            long now = System.nanoTime();
            if (!reason.equals(said) || now - quietUntil >= 0) {
                LOG.warn("PostgreSQL at {} is not ready, waiting for it: {}", hosts, reason);
                said = reason;
                quietUntil = now + LOG_INTERVAL.toNanos();
            }
        }
    }
}
