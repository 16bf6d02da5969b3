package dev.sluice.testing;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;

/** One real PostgreSQL that a test may stop, kill and freeze; its files and its port stay the same all along. */
public interface PostgresServer extends AutoCloseable {

    /** Where it listens. */
    String host();

    /** Where it listens. */
    int port();

    /** A role that may create databases. */
    String user();

    /** The role's password. */
    String password();

    /** Starts it and waits until it takes connections. */
    void start();

    /** Stops it in good order; sessions are ended. */
    void stop();

    /** Kills every process of it with SIGKILL, as a crash would. */
    void kill();

    /** Stops the time for every process of it: connections stay open and nothing answers. */
    void freeze();

    /** Ends {@link #freeze()}. */
    void thaw();

    /** Lets the role of the tests make other roles; it is restarted for it. */
    default void allowRoles() {
        throw new UnsupportedOperationException("nobody may");
    }

    /** What only a superuser may; it is restarted for it. */
    default void asSuperuser(String database, String sql) {
        throw new UnsupportedOperationException("nobody may");
    }

    /** Keeps a copy of all files; it must be stopped. */
    default void save() {
        throw new UnsupportedOperationException("its files are not at hand");
    }

    /** Goes back to the copy; it must be stopped. */
    default void restore() {
        throw new UnsupportedOperationException("its files are not at hand");
    }

    /** Makes a standby take writes; it may take a moment. */
    default void promote() {
        throw new UnsupportedOperationException("it follows nobody");
    }

    /** Changes a setting that is read again without a restart, and waits until new sessions have it. */
    default void set(String name, String value) {
        try (Connection connection = connect("postgres")) {
            changeSetting(connection, name, value);
        } catch (SQLException e) {
            throw new IllegalStateException(name, e);
        }
        while (!value.equals(setting(name))) {
            Processes.pause(Duration.ofMillis(20));
        }
    }

    /** Changes it and has the server read it. */
    default void changeSetting(Connection connection, String name, String value) throws SQLException {
        connection.createStatement().execute("alter system set " + name + " = '" + value + "'");
        connection.createStatement().execute("select pg_reload_conf()");
    }

    private String setting(String name) {
        try (Connection connection = connect("postgres");
                var shown = connection.createStatement().executeQuery("show " + name)) {
            shown.next();
            return shown.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(name, e);
        }
    }

    /** Stops it and removes its files. */
    @Override
    void close();

    /** A JDBC connection, for what a test prepares and asserts. */
    default Connection connect(String database) throws SQLException {
        String url = "jdbc:postgresql://" + host() + ":" + port() + "/" + database + "?connectTimeout=10";
        return DriverManager.getConnection(url, user(), password());
    }

    /** Waits until a session can be opened. */
    default void awaitReady(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            try (Connection connection = connect("postgres")) {
                connection.createStatement().execute("select 1");
                return;
            } catch (SQLException e) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("PostgreSQL does not answer at port " + port(), e);
                }
                Processes.pause(Duration.ofMillis(50));
            }
        }
    }
}
