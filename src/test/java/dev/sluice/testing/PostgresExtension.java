package dev.sluice.testing;

import dev.sluice.store.database.JdbcUrl;
import dev.sluice.store.database.TableHome;
import dev.sluice.store.schema.SchemaMigration;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database of its own for each test class, on a real PostgreSQL 18, with the tables that the product's own migration
 * makes. Use it as a static field:
 *
 * <pre>{@code
 * @RegisterExtension
 * static final PostgresExtension POSTGRES = PostgresExtension.shared();
 * }</pre>
 *
 * <p>The server runs in a container where a Docker engine answers and as processes of this machine otherwise;
 * {@code SLUICE_TEST_DATABASE=docker} or {@code embedded}, in the environment or as system property, decides it. Tests
 * that stop, kill or freeze the server take {@link #dedicated()}; the shared one is everybody's.
 */
public final class PostgresExtension implements BeforeAllCallback, AfterAllCallback {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresExtension.class);
    private static final String CHOICE = "SLUICE_TEST_DATABASE";
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private final boolean dedicated;
    private TestAuthority.Certificate certificate;
    private boolean migrated = true;
    private boolean followed;
    private boolean restored;
    private PostgresServer server;
    private PostgresServer standby;
    private String database;

    private PostgresExtension(boolean dedicated) {
        this.dedicated = dedicated;
    }

    /** A database on the server that all test classes of this JVM share. */
    public static PostgresExtension shared() {
        return new PostgresExtension(false);
    }

    /** A server of its own, which may be stopped, killed and frozen. */
    public static PostgresExtension dedicated() {
        return new PostgresExtension(true);
    }

    /** A server of its own whose files can be put back, always as processes of this machine. */
    public static PostgresExtension restorable() {
        PostgresExtension restorable = new PostgresExtension(true);
        restorable.restored = true;
        return restorable;
    }

    /** A server of its own that speaks TLS, always as processes of this machine. */
    public static PostgresExtension secured(TestAuthority.Certificate certificate) {
        PostgresExtension secured = new PostgresExtension(true);
        secured.certificate = certificate;
        return secured;
    }

    /** A server of its own and a standby that follows it, always as processes of this machine. */
    public static PostgresExtension replicated() {
        PostgresExtension replicated = new PostgresExtension(true);
        replicated.followed = true;
        return replicated;
    }

    /** Leaves the database without tables. */
    public PostgresExtension empty() {
        migrated = false;
        return this;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        server = followed
                ? pair()
                : certificate != null
                        ? EmbeddedPostgresServer.started(certificate)
                        : restored ? EmbeddedPostgresServer.started() : dedicated ? start() : Shared.SERVER;
        database = "test_" + ProcessHandle.current().pid() + "_" + DATABASES.incrementAndGet();
        try (Connection connection = server.connect("postgres")) {
            connection.createStatement().execute("create database " + database);
        }
        if (migrated) {
            JdbcUrl url = JdbcUrl.of(ConnectionFactoryOptions.parse(r2dbcUrl()));
            new SchemaMigration(url, user(), password(), new TableHome(null)).run();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        if (dedicated) {
            server.close();
            if (standby != null) {
                standby.close();
            }
            return;
        }
        try (Connection connection = server.connect("postgres")) {
            Statement statement = connection.createStatement();
            statement.execute("alter database " + database + " allow_connections false");
            statement.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + database
                    + "' and backend_type = 'client backend'");
            statement.execute("drop database " + database); // FORCE would fail at an autovacuum worker; this ends it
        }
    }

    /** The server, to stop, kill or freeze it. */
    public PostgresServer server() {
        return server;
    }

    /** The one that follows the server. */
    public PostgresServer standby() {
        return standby;
    }

    public String host() {
        return server.host();
    }

    public int port() {
        return server.port();
    }

    public String user() {
        return server.user();
    }

    public String password() {
        return server.password();
    }

    /** The name of this class's database. */
    public String database() {
        return database;
    }

    /** For {@code spring.r2dbc.url}; without user and password. */
    public String r2dbcUrl() {
        return "r2dbc:postgresql://" + host() + ":" + port() + "/" + database;
    }

    /** A JDBC connection to this class's database, for what a test prepares and asserts. */
    public Connection connect() throws SQLException {
        return server.connect(database);
    }

    /** Runs a statement. */
    public int execute(String sql, Object... parameters) {
        try (Connection connection = connect();
                PreparedStatement statement = prepare(connection, sql, parameters)) {
            return statement.execute() ? 0 : statement.getUpdateCount();
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** How many rows a table has, or whatever stands after {@code from}. */
    public long count(String from) {
        return (Long) rows("select count(*) as n from " + from).getFirst().get("n");
    }

    /** The rows of a query, each as column name to value, in the order of the columns. */
    public List<Map<String, Object>> rows(String sql, Object... parameters) {
        try (Connection connection = connect();
                PreparedStatement statement = prepare(connection, sql, parameters);
                ResultSet result = statement.executeQuery()) {
            List<Map<String, Object>> rows = new ArrayList<>();
            while (result.next()) {
                Map<String, Object> row = new LinkedHashMap<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.put(result.getMetaData().getColumnLabel(i), result.getObject(i));
                }
                rows.add(row);
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private static PreparedStatement prepare(Connection connection, String sql, Object... parameters)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement;
    }

    private PostgresServer pair() {
        EmbeddedPostgresServer primary = EmbeddedPostgresServer.started();
        standby = primary.withStandby();
        return primary;
    }

    private static PostgresServer start() {
        String choice = System.getProperty(CHOICE, System.getenv().getOrDefault(CHOICE, ""));
        boolean docker =
                switch (choice.toLowerCase(Locale.ROOT)) {
                    case "docker" -> true;
                    case "embedded" -> false;
                    case "" -> DockerPostgresServer.available();
                    default -> throw new IllegalArgumentException(CHOICE + " is docker or embedded, not " + choice);
                };
        LOG.info("Tests run on PostgreSQL {}", docker ? "in a container" : "embedded");
        return docker ? DockerPostgresServer.started() : EmbeddedPostgresServer.started();
    }

    /** Started by the first class that asks, ended with the JVM. */
    private static final class Shared {
        private static final PostgresServer SERVER = start();

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(SERVER::close, "postgres-end"));
        }
    }
}
