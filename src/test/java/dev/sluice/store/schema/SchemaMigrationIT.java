package dev.sluice.store.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.store.database.JdbcUrl;
import dev.sluice.store.database.TableHome;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.sql.Connection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SchemaMigrationIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.dedicated().empty();

    @BeforeEach
    void noTables() {
        POSTGRES.execute("drop schema public cascade");
        POSTGRES.execute("create schema public");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "create table orders (id int)",
                "create view of_orders as select 1 as id",
                "create type state as enum ('open', 'sent')",
                "create domain price as numeric",
                "create function tax() returns int language sql as 'select 1'",
                "create extension pg_trgm",
                "alter default privileges in schema public grant select on tables to public"
            })
    void severalReplicasMigrateADatabaseAtOnce(String others) throws Exception {
        if (!others.isEmpty()) {
            POSTGRES.execute(others);
        }
        CountDownLatch together = new CountDownLatch(4);
        Callable<Void> replica = () -> {
            together.countDown();
            together.await();
            migration(POSTGRES.database(), POSTGRES.password(), null).run();
            return null;
        };
        try (var threads = Executors.newFixedThreadPool(4)) {
            var replicas =
                    IntStream.range(0, 4).mapToObj(i -> threads.submit(replica)).toList();
            for (Future<Void> each : replicas) {
                each.get(60, TimeUnit.SECONDS);
            }
        }
        assertThat(POSTGRES.count("flyway_schema_history where version <> '0'")).isEqualTo(SchemaVersion.FILES.size());
        assertThat(POSTGRES.count("log_event")).isZero();
    }

    @Test
    void tablesOfAnOlderVersionAreBroughtUpToDateAndTheirDaysAreKnown() throws Exception {
        migrateTo("2");
        partition("log_event_20250101", "2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z");
        partition("log_event_20250102", "2025-01-02T00:00:00Z", "2025-01-03T00:00:00Z");
        partition("log_event_20250103", "2025-01-03T00:00:00Z", "2025-01-03T12:00:00Z");
        partition("log_event_archive", "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z");
        POSTGRES.execute("create table log_event_20250104 (like log_event)");
        POSTGRES.execute("insert into dead_letter (received_at) values (now())");

        migration(POSTGRES.database(), POSTGRES.password(), null).run();

        assertThat(POSTGRES.rows("select relid::regclass::text as name from log_event_day order by 1"))
                .extracting("name")
                .containsExactly("log_event_20250101", "log_event_20250102");
        assertThat(POSTGRES.count("log_event_day where made_at = day and written_at = day + 1 and inserts is null"))
                .isEqualTo(2);
        assertThat(POSTGRES.count("retention_pass where steady_since > now() - interval '1 hour'"))
                .isEqualTo(1);
        assertThat(POSTGRES.count("dead_letter where stored_at is null")).isEqualTo(1);
    }

    @Test
    void tableThatIsReadForLongStopsNoOtherUseOfItWhileTheMigrationWaits() throws Exception {
        migrateTo("2");
        try (var threads = Executors.newSingleThreadExecutor();
                Connection reader = POSTGRES.connect()) {
            reader.setAutoCommit(false);
            reader.createStatement().executeQuery("select count(*) from dead_letter");
            Callable<Void> waiting = () -> {
                migration(POSTGRES.database(), POSTGRES.password(), null).run();
                return null;
            };
            Future<Void> migrated = threads.submit(waiting);
            Await.until(() -> POSTGRES.count("pg_locks where not granted") > 0);
            POSTGRES.execute("insert into dead_letter (received_at) values (now())");
            assertThat(migrated).isNotDone();
            reader.commit();
            migrated.get(60, TimeUnit.SECONDS);
        }
        assertThat(POSTGRES.count("log_event_day")).isZero();
    }

    private static void migrateTo(String version) {
        String url = "jdbc:postgresql://" + POSTGRES.host() + ":" + POSTGRES.port() + "/" + POSTGRES.database();
        Flyway.configure()
                .dataSource(url, POSTGRES.user(), POSTGRES.password())
                .target(version)
                .load()
                .migrate();
    }

    private static void partition(String name, String from, String to) {
        POSTGRES.execute(
                "create table " + name + " partition of log_event for values from ('" + from + "') to ('" + to + "')");
    }

    @Test
    void tablesGoIntoTheSchemaThatIsNamed() throws Exception {
        migration(POSTGRES.database(), POSTGRES.password(), "other").run();
        assertThat(POSTGRES.count("other.log_event")).isZero();
        assertThat(POSTGRES.count("pg_tables where schemaname = 'public'")).isZero();
        POSTGRES.execute("drop schema other cascade");
    }

    @Test
    void schemaThatSomebodyPutBeforeTheTablesDoesNotHideThem() throws Exception {
        migration(POSTGRES.database(), POSTGRES.password(), null).run();
        POSTGRES.execute("create schema " + POSTGRES.user());
        try {
            migration(POSTGRES.database(), POSTGRES.password(), null).run();
            assertThat(POSTGRES.count("pg_tables where schemaname = current_user"))
                    .isZero();
            POSTGRES.execute("create table " + POSTGRES.user() + ".ingest_batch ()");
            POSTGRES.execute("create table " + POSTGRES.user() + ".log_event (n integer) partition by range (n)");
            assertThatThrownBy(() -> migration(POSTGRES.database(), POSTGRES.password(), null)
                            .run())
                    .isInstanceOf(SchemaMigrationException.class)
                    .hasMessageContaining(POSTGRES.user() + ", public");
        } finally {
            POSTGRES.execute("drop schema " + POSTGRES.user() + " cascade");
        }
    }

    /** It would be made anew in the first schema of the path, or not be found afterwards. */
    @ParameterizedTest
    @CsvSource({
        "public,alter table log_event rename to archive,log_event is missing|public.archive",
        "public,alter table log_event set schema apart,log_event is missing|apart.log_event",
        "'first, public',alter table log_event rename to archive,log_event is missing|public.archive",
        "'first, public',alter table ingest_batch rename to ledger,ingest_batch is missing",
        "public,'alter table log_event rename to archive; create view log_event as table archive',log_event is a view",
    })
    void tableThatItsOwnerRenamedOrMovedIsMissed(String path, String change, String said) throws Exception {
        migration(POSTGRES.database(), POSTGRES.password(), null).run();
        POSTGRES.execute("create schema first");
        POSTGRES.execute("create schema apart");
        POSTGRES.execute("alter database " + POSTGRES.database() + " set search_path = " + path);
        try {
            POSTGRES.execute(change);
            assertThatThrownBy(() -> migration(POSTGRES.database(), POSTGRES.password(), null)
                            .run())
                    .isInstanceOf(SchemaMigrationException.class)
                    .hasMessageContainingAll(said.split("[|]"));
            assertThat(POSTGRES.count("pg_tables where schemaname = 'first'")).isZero();
        } finally {
            POSTGRES.execute("alter database " + POSTGRES.database() + " reset search_path");
            POSTGRES.execute("drop schema first cascade");
            POSTGRES.execute("drop schema apart cascade");
        }
    }

    @Test
    void tablesThatAreGoneAlthoughTheHistoryHasThemAreMissed() throws Exception {
        migration(POSTGRES.database(), POSTGRES.password(), null).run();
        POSTGRES.execute("drop table log_event, ingest_batch cascade");
        assertThatThrownBy(() -> migration(POSTGRES.database(), POSTGRES.password(), null)
                        .run())
                .isInstanceOf(SchemaMigrationException.class)
                .hasMessageContainingAll("flyway_schema_history", "log_event");
    }

    @Test
    void theTimeoutsOfTheRoleDoNotEndAMigration() throws Exception {
        migrateTo("2");
        for (String name : List.of("statement_timeout", "transaction_timeout")) {
            POSTGRES.execute("alter role current_user set " + name + " = '500ms'");
        }
        try (var threads = Executors.newSingleThreadExecutor();
                Connection reader = POSTGRES.connect()) {
            reader.createStatement().execute("set transaction_timeout = 0");
            reader.setAutoCommit(false);
            reader.createStatement().executeQuery("select count(*) from dead_letter");
            Callable<Void> waiting = () -> {
                migration(POSTGRES.database(), POSTGRES.password(), null).run();
                return null;
            };
            Future<Void> migrated = threads.submit(waiting);
            assertThatThrownBy(() -> migrated.get(3, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
            reader.commit();
            migrated.get(60, TimeUnit.SECONDS);
        } finally {
            POSTGRES.execute("alter role current_user reset all");
        }
        assertThat(POSTGRES.count("log_event_day")).isZero();
    }

    @Test
    void databaseThatIsNotUpYetIsWaitedFor() throws Exception {
        POSTGRES.server().stop();
        try (var threads = Executors.newSingleThreadExecutor()) {
            Callable<Void> waiting = () -> {
                migration(POSTGRES.database(), POSTGRES.password(), null).run();
                return null;
            };
            Future<Void> migrated = threads.submit(waiting);
            assertThatThrownBy(() -> migrated.get(2, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
            POSTGRES.server().start();
            migrated.get(60, TimeUnit.SECONDS);
        }
        assertThat(POSTGRES.count("log_event")).isZero();
    }

    @Test
    void waitEndsWhenTheThreadIsInterrupted() throws Exception {
        POSTGRES.server().stop();
        try (var threads = Executors.newSingleThreadExecutor()) {
            Callable<Void> waiting = () -> {
                migration(POSTGRES.database(), POSTGRES.password(), null).run();
                return null;
            };
            Future<Void> migrated = threads.submit(waiting);
            threads.shutdownNow();
            assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
            assertThatThrownBy(migrated::get).hasRootCauseInstanceOf(InterruptedException.class);
        } finally {
            POSTGRES.server().start();
        }
    }

    @Test
    void wrongPasswordIsSaidAtOnce() {
        assertThatThrownBy(() -> migration(POSTGRES.database(), "wrong", null).run())
                .isInstanceOf(SchemaMigrationException.class)
                .hasMessageContaining("28P01")
                .hasMessageContaining("spring.r2dbc.password");
    }

    @Test
    void missingDatabaseIsSaidAtOnce() {
        assertThatThrownBy(() -> migration("nowhere", POSTGRES.password(), null).run())
                .isInstanceOf(SchemaMigrationException.class)
                .hasMessageContaining("no database 'nowhere'")
                .hasMessageContaining("3D000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SQL_ASCII", "LATIN1"})
    void databaseThatDoesNotTakeEveryTextIsRefused(String encoding) {
        String name = "encoded_" + encoding.toLowerCase(Locale.ROOT);
        POSTGRES.execute("create database " + name + " encoding '" + encoding + "' locale 'C' template template0");
        try {
            assertThatThrownBy(() -> migration(name, POSTGRES.password(), null).run())
                    .isInstanceOf(SchemaMigrationException.class)
                    .hasMessageContaining(encoding)
                    .hasMessageContaining("UTF8");
        } finally {
            POSTGRES.execute("drop database " + name);
        }
    }

    private static SchemaMigration migration(String database, String password, String schema) {
        String url = "r2dbc:postgresql://" + POSTGRES.host() + ":" + POSTGRES.port() + "/" + database;
        return new SchemaMigration(
                JdbcUrl.of(ConnectionFactoryOptions.parse(url)), POSTGRES.user(), password, new TableHome(schema));
    }
}
