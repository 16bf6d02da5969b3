package dev.sluice.store.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.store.database.JdbcUrl;
import dev.sluice.store.database.TableHome;
import dev.sluice.testing.PostgresExtension;
import io.r2dbc.spi.ConnectionFactoryOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a pooler makes of the number of a session's process is told by a function that hides PostgreSQL's own. */
final class PooledSessionsIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.dedicated().empty();

    @BeforeEach
    void ownFunctionsComeFirst() {
        POSTGRES.execute("drop schema public cascade");
        POSTGRES.execute("create schema public");
        POSTGRES.execute("create sequence asked");
        POSTGRES.execute("alter role current_user set search_path = public, pg_catalog");
    }

    @AfterEach
    void asUsual() {
        POSTGRES.execute("alter role current_user reset all");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 1", // the only one that is idle
                "select nextval('public.asked')::int % 2", // two in turn
                "select nextval('public.asked')::int % 3",
                "select nextval('public.asked')::int"
            })
    void aPoolerThatSharesConnectionsIsRefused(String pooled) {
        process(pooled);

        assertThatThrownBy(PooledSessionsIT::start)
                .isInstanceOf(SchemaMigrationException.class)
                .hasMessageContaining(
                        "The pooler at " + POSTGRES.host() + ":" + POSTGRES.port() + " gives a connection")
                .hasMessageContaining("Set pool_mode=session for database '" + POSTGRES.database() + "'");

        assertThat(POSTGRES.count("pg_class where relname = 'log_event'"))
                .as("tables made")
                .isZero();
    }

    @Test
    void anErrorOfTheSecondConnectionIsSaidAsItIs() {
        process("select 1 / (nextval('public.asked') % 2)::int");

        assertThatThrownBy(PooledSessionsIT::start)
                .isInstanceOf(SchemaMigrationException.class)
                .hasMessageContaining("division by zero")
                .hasMessageNotContaining("pool");
    }

    @Test
    void aPoolerThatKeepsThemIsNot() throws Exception {
        process("select 1000000 + pg_catalog.pg_backend_pid()");

        start();

        assertThat(POSTGRES.count("log_event")).isZero();
    }

    private static void process(String body) {
        POSTGRES.execute("create function public.pg_backend_pid() returns int language sql as $$" + body + "$$");
    }

    private static void start() throws InterruptedException {
        String url = "r2dbc:postgresql://" + POSTGRES.host() + ":" + POSTGRES.port() + "/" + POSTGRES.database();
        new SchemaMigration(
                        JdbcUrl.of(ConnectionFactoryOptions.parse(url)),
                        POSTGRES.user(),
                        POSTGRES.password(),
                        new TableHome(null))
                .run();
    }
}
