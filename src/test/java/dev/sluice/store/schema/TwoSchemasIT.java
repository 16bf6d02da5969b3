package dev.sluice.store.schema;

import static dev.sluice.store.schema.KeeperFixture.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.store.Events;
import dev.sluice.store.StoreFixture;
import dev.sluice.store.database.JdbcUrl;
import dev.sluice.store.database.TableHome;
import dev.sluice.testing.PostgresExtension;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tables are where they were found at the start, whatever the search path says later. */
class TwoSchemasIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared().empty();

    private final Events events = new Events();

    @AfterEach
    void dropSchemas() {
        POSTGRES.execute("drop schema if exists one, two, " + POSTGRES.user() + " cascade");
        POSTGRES.execute("drop schema public cascade");
        POSTGRES.execute("create schema public");
    }

    @Test
    void twoServicesInTwoSchemasOfADatabaseBothWork() throws Exception {
        POSTGRES.execute("create schema one");
        POSTGRES.execute("create schema two");
        TableHome one = started("?schema=one");
        TableHome two = started("?schema=two");
        write(one, 3);
        write(two, 5);
        assertThat(POSTGRES.count("one.log_event")).isEqualTo(3);
        assertThat(POSTGRES.count("two.log_event")).isEqualTo(5);
        assertThat(POSTGRES.count("one.ingest_batch")).isEqualTo(1);
        assertThat(POSTGRES.count("two.ingest_batch")).isEqualTo(1);
        String old = " set committed_at = committed_at - interval '3 days'";
        POSTGRES.execute("update one.ingest_batch" + old);
        POSTGRES.execute("update two.ingest_batch" + old);
        pass(two);
        assertThat(POSTGRES.count("one.ingest_batch")).isEqualTo(1);
        assertThat(POSTGRES.count("two.ingest_batch")).isZero();
        assertThat(daysOf("one")).isEqualTo(daysOf("two")).hasSize(9);
        assertThat(POSTGRES.count("pg_tables where schemaname = 'public'")).isZero();
    }

    /** In the search path the role's own schema comes first. */
    @Test
    void tablesInAnotherSchemaThatComesFirstGetNothingOfARunningService() throws Exception {
        TableHome home = started("");
        try (StoreFixture fixture = new StoreFixture(POSTGRES, home)) {
            fixture.write(events.frameBatches(1, 3));
            TableHome others = copyTo(POSTGRES.user());
            reconnect();
            fixture.write(events.frameBatches(1, 4));
            pass(home);
            assertThat(POSTGRES.count(others.prefix() + "log_event")).isZero();
            assertThat(POSTGRES.count(others.prefix() + "ingest_batch")).isZero();
            assertThat(POSTGRES.count(others.prefix() + "retention_claim")).isZero();
        }
        assertThat(POSTGRES.count("public.log_event")).isEqualTo(7);
        assertThat(POSTGRES.count("public.retention_claim")).isEqualTo(2);
    }

    @Test
    void anEmptySchemaThatComesFirstChangesNothingAtTheNextStart() throws Exception {
        write(started(""), 3);
        POSTGRES.execute("create schema " + POSTGRES.user());
        write(started(""), 4);
        assertThat(POSTGRES.count("public.log_event")).isEqualTo(7);
        assertThat(POSTGRES.count("pg_tables where schemaname = '" + POSTGRES.user() + "'"))
                .isZero();
    }

    /** A start: the tables and the days are made. */
    private static TableHome started(String path) throws InterruptedException {
        ConnectionFactoryOptions options = ConnectionFactoryOptions.parse(POSTGRES.r2dbcUrl() + path);
        TableHome home = new TableHome(null);
        new SchemaMigration(JdbcUrl.of(options), POSTGRES.user(), POSTGRES.password(), home).run();
        keeper(home).runWhenPossible().block(LIMIT);
        POSTGRES.execute(
                "create table if not exists %1$slog_event_ever partition of %1$slog_event".formatted(home.prefix())
                        + " for values from ('2000-01-01') to ('2026-11-25')");
        return home;
    }

    /** By the default search path, so that only the names in the statements lead to the tables. */
    private static PartitionKeeper keeper(TableHome home) {
        ConnectionFactoryOptions options = ConnectionFactoryOptions.parse(POSTGRES.r2dbcUrl())
                .mutate()
                .option(ConnectionFactoryOptions.USER, POSTGRES.user())
                .option(ConnectionFactoryOptions.PASSWORD, POSTGRES.password())
                .build();
        return new PartitionKeeper(
                ConnectionFactories.get(options), home, KeeperFixture.WEEK, InstantSource.fixed(Instant.now()));
    }

    private static void pass(TableHome home) {
        keeper(home).run().block(LIMIT);
    }

    private void write(TableHome home, int count) {
        try (StoreFixture fixture = new StoreFixture(POSTGRES, home)) {
            fixture.write(events.frameBatches(1, count));
        }
    }

    private static TableHome copyTo(String schema) {
        POSTGRES.execute("create schema " + schema);
        for (String table : List.of(
                "log_event",
                "dead_letter",
                "ingest_batch",
                "ingest_delivery",
                "log_event_day",
                "retention_claim",
                "retention_pass")) {
            String partitioned = table.equals("log_event") ? " partition by range (received_at)" : "";
            POSTGRES.execute("create table " + schema + "." + table + " (like public." + table + " including all)"
                    + partitioned);
        }
        return new TableHome(schema);
    }

    private static List<Object> daysOf(String schema) {
        return POSTGRES
                .rows(
                        "select c.relname::text as name from pg_inherits join pg_class c on c.oid = inhrelid"
                                + " where inhparent = (? || '.log_event')::regclass and c.relname <> 'log_event_ever'"
                                + " order by 1",
                        schema)
                .stream()
                .map(row -> row.get("name"))
                .toList();
    }

    private static void reconnect() {
        POSTGRES.rows(
                "select pg_terminate_backend(pid, 10000) from pg_stat_activity"
                        + " where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'");
    }
}
