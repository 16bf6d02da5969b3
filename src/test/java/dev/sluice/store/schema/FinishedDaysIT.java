package dev.sluice.store.schema;

import static dev.sluice.store.schema.KeeperFixture.LIMIT;
import static dev.sluice.store.schema.KeeperFixture.settings;
import static dev.sluice.store.schema.KeeperFixture.table;
import static dev.sluice.store.schema.KeeperFixture.tables;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import dev.sluice.store.database.JdbcUrl;
import dev.sluice.store.database.TableHome;
import dev.sluice.store.database.TableLayout;
import dev.sluice.testing.Await;
import dev.sluice.testing.LogLines;
import dev.sluice.testing.PostgresExtension;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Mono;

/** Days that are over get indexes, and nothing waits for it. */
final class FinishedDaysIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared().empty();

    private static final Duration SOON = Duration.ofMinutes(10);

    private final KeeperFixture fixture = new KeeperFixture(POSTGRES);
    private final Instant now = Instant.now();

    @RegisterExtension
    final LogLines log = new LogLines("dev.sluice.store");

    @BeforeEach
    void freshTables() throws InterruptedException {
        fixture.freshTables();
        fixture.makeOldDays(now, 2, 3);
        fixture.keeper(now).runWhenPossible().block(LIMIT);
        POSTGRES.execute("update log_event_day set written_at = day + 1 where day < pg_catalog.now()::date - 1");
    }

    @Test
    void daysThatAreOverGetTheirIndexesAndNoOtherDoes() {
        POSTGRES.execute("create index on only log_event (host, received_at)");
        POSTGRES.execute("create index mine on " + table(now, -3) + " using gin (attributes jsonb_path_ops)");
        IndexKeeper keeper = keeper("errors", "attributes", "((attributes ->> 'trace_id'))");
        buildAll(keeper);
        assertThat(keeper.built()).as("one was there already").isEqualTo(5);
        assertThat(keeper.failed()).isZero();
        assertThat(keeper.lackingDays()).isZero();
        assertThat(keeper.lastSeconds()).isPositive();
        assertThat(indexes(table(now, -2)))
                .hasSize(4)
                .anyMatch(index -> index.endsWith("USING btree (received_at) WHERE (severity <= 3)"))
                .anyMatch(index -> index.endsWith("USING gin (attributes jsonb_path_ops)"))
                .anyMatch(index -> index.endsWith("USING btree (((attributes ->> 'trace_id'::text)))"));
        assertThat(indexes(table(now, -3))).hasSize(4);
        for (String young : tables(now, -1, 0, 1)) {
            assertThat(indexes(young)).as(young).hasSize(1);
        }
        assertThat(tablesLike("log_event_probe")).isZero();
    }

    /** Yesterday was made by the pass just now, and so was written to lately as far as anybody knows. */
    @Test
    void aDayIsOverSomeTimeAfterItsLastRowByBothClocks() {
        POSTGRES.execute(
                "update log_event_day set written_at = pg_catalog.now() - interval '59 minutes' where day < pg_catalog.now()::date");
        IndexKeeper keeper = keeper("errors");
        buildAll(keeper);
        assertThat(keeper.built()).isZero();
        POSTGRES.execute(
                "update log_event_day set written_at = pg_catalog.now() - interval '61 minutes' where day < pg_catalog.now()::date");
        IndexKeeper early = keeper(now.minus(4, ChronoUnit.DAYS), "errors");
        buildAll(early);
        assertThat(early.built())
                .as("this machine's clock says that the days are to come")
                .isZero();
        buildAll(keeper);
        assertThat(keeper.built()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void anIndexThatAKilledBuildLeftIsBuiltAnew() throws SQLException {
        IndexKeeper keeper = keeper("errors");
        try (Connection reader = snapshot()) {
            CompletableFuture<Duration> build = keeper.run().toFuture();
            Await.until(() -> POSTGRES.count("pg_index where not indisvalid") == 1);
            POSTGRES.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where query like 'create index c%'");
            assertThat(build.join()).isEqualTo(SOON);
        }
        assertThat(keeper.failed()).isEqualTo(1);
        assertThat(POSTGRES.count("pg_index where not indisvalid")).isEqualTo(1);
        buildAll(keeper);
        assertThat(POSTGRES.count("pg_index where not indisvalid")).isZero();
        assertThat(keeper.built()).isEqualTo(2);
    }

    /** The disk may be full: what was written of it must not stay. */
    @Test
    void aBuildThatFailsLeavesNothingIsSaidOnceAndIsTriedEverMoreSeldom() {
        POSTGRES.execute("insert into log_event (received_at, event_at, message, attributes, source, listener)"
                + " values (pg_catalog.now() - interval '2 days', pg_catalog.now(), '', '{\"ms\": \"fast\"}', '', '')");
        IndexKeeper keeper = keeper("(((attributes ->> 'ms')::numeric))");
        POSTGRES.execute("update log_event_day set written_at = day + 1 where day < pg_catalog.now()::date - 1");
        assertThat(keeper.run().block(LIMIT)).isEqualTo(SOON);
        assertThat(keeper.run().block(LIMIT)).isEqualTo(SOON.multipliedBy(2));
        assertThat(keeper.failed()).isEqualTo(2);
        assertThat(keeper.lackingDays()).isEqualTo(2);
        assertThat(POSTGRES.count("pg_index where not indisvalid")).isZero();
        assertThat(warnings()).hasSize(1).allMatch(line -> line.contains("fast"));
        fixture.keeper(now).run().block(LIMIT);
        assertThat(fixture.attached()).contains(tables(now, 0, 7));
    }

    @Test
    void oneOfTwoBuildsAndCopyGoesOnMeanwhile() throws SQLException {
        IndexKeeper first = keeper("errors");
        IndexKeeper second = keeper("errors");
        try (Connection reader = snapshot()) {
            CompletableFuture<Duration> build = first.run().toFuture();
            Await.until(() -> POSTGRES.count("pg_index where not indisvalid") == 1);
            assertThat(second.run().block(LIMIT)).isEqualTo(Duration.ofHours(1));
            assertThat(second.built() + second.failed()).isZero();
            assertThat(second.lackingDays()).isEqualTo(2);
            for (int days = 0; days <= 3; days++) {
                fixture.insert(now.minus(days, ChronoUnit.DAYS).toString());
            }
            assertThat(build).isNotDone();
            reader.rollback();
            assertThat(build.join()).isEqualTo(Duration.ZERO);
        }
        assertThat(first.built()).isEqualTo(1);
    }

    /** Without the lock of the keepers, as a pooler or another program might leave it. */
    @Test
    void aDayOnWhichSomebodyWorksIsLeft() throws SQLException {
        try (Connection vacuum = POSTGRES.connect()) {
            vacuum.setAutoCommit(false);
            vacuum.createStatement().execute("lock table only " + table(now, -2) + " in share update exclusive mode");
            IndexKeeper keeper = keeper("errors");
            keeper.run().block(LIMIT);
            assertThat(indexes(table(now, -2))).hasSize(1);
            assertThat(indexes(table(now, -3))).hasSize(2);
            assertThat(keeper.run().block(LIMIT)).isEqualTo(SOON);
        }
    }

    @Test
    void retentionRemovesOtherDaysWhileOneIsBuiltAndThoseThatHaveIndexesAsWell() throws SQLException {
        fixture.makeOldDays(now, 12, 10);
        buildAll(new IndexKeeper(
                connections(), new TableHome("public"), finished(Duration.ofDays(11), "errors"), clock(now)));
        assertThat(indexes(table(now, -10))).hasSize(2);
        assertThat(indexes(table(now, -12))).as("it goes soon").hasSize(1);
        POSTGRES.execute("drop index " + table(now, -2) + "_finished_errors");
        try (Connection reader = snapshot()) {
            CompletableFuture<Duration> build = keeper("errors").run().toFuture();
            Await.until(() -> POSTGRES.count("pg_index where not indisvalid") == 1);
            fixture.keeper(now, settings(7, 100)).run().block(LIMIT);
            assertThat(fixture.tables()).doesNotContain(tables(now, -12, -10));
            assertThat(build).isNotDone();
            reader.rollback();
            build.join();
        }
    }

    @Test
    void oldDaysAreMovedWithTheIndexesThatTheyGot() {
        POSTGRES.execute("drop schema if exists archive cascade");
        fixture.makeOldDays(now, 10);
        buildAll(new IndexKeeper(
                connections(), new TableHome("public"), finished(Duration.ofDays(30), "errors"), clock(now)));
        PartitionSettings archiving =
                new PartitionSettings(7, Duration.ofDays(7), KeeperFixture.DAY, KeeperFixture.DAY, 100, "archive");
        fixture.keeper(now, archiving).run().block(LIMIT);
        assertThat(POSTGRES.count("pg_indexes where schemaname = 'archive' and indexname = '" + table(now, -10)
                        + "_finished_errors'"))
                .isEqualTo(1);
        POSTGRES.execute("drop schema archive cascade");
    }

    @Test
    void aStartIsRefusedWhoseIndexesCannotBeBuilt() throws InterruptedException {
        POSTGRES.execute("drop extension if exists pg_trgm");
        assertThatThrownBy(() -> start(TableLayout.NATIVE, "errors", "trigram"))
                .isInstanceOf(SchemaMigrationException.class)
                .hasMessageContaining("indexes has trigram")
                .hasMessageContaining("CREATE EXTENSION pg_trgm");
        assertThatThrownBy(() -> start(TableLayout.NATIVE, "(hots)"))
                .isInstanceOf(SchemaMigrationException.class)
                .hasMessageContaining("column \"hots\" does not exist");
        assertThatThrownBy(() -> start(TableLayout.EXTERNAL, "errors"))
                .isInstanceOf(SchemaMigrationException.class)
                .hasMessageContaining("layout is external");
        start(TableLayout.NATIVE, "time", "errors", "host-time", "host-errors", "app-time", "attributes");
        assertThat(tablesLike("log_event_probe")).isZero();
    }

    private void start(TableLayout layout, String... indexes) throws InterruptedException {
        DatabaseAccount account = new DatabaseAccount(POSTGRES.user(), POSTGRES.password(), DatabaseAccount.WRITER);
        JdbcUrl url = JdbcUrl.of(fixture.options());
        new SchemaMigration(
                        url,
                        Mono.just(url),
                        new SchemaSettings(
                                account, account, null, finished(indexes).indexes(), true),
                        new TableHome("public", layout))
                .run();
    }

    private IndexKeeper keeper(String... indexes) {
        return keeper(now, indexes);
    }

    private IndexKeeper keeper(Instant here, String... indexes) {
        return new IndexKeeper(connections(), new TableHome("public"), finished(indexes), clock(here));
    }

    private ConnectionFactory connections() {
        return ConnectionFactories.get(fixture.options());
    }

    private static InstantSource clock(Instant here) {
        return InstantSource.fixed(here);
    }

    private static FinishedDaySettings finished(String... indexes) {
        return finished(Duration.ofDays(30), indexes);
    }

    private static FinishedDaySettings finished(Duration retention, String... indexes) {
        return new FinishedDaySettings(
                Stream.of(indexes).map(DayIndex::of).toList(),
                Duration.ofHours(1),
                16_384,
                Duration.ofMinutes(5),
                retention);
    }

    private static void buildAll(IndexKeeper keeper) {
        while (keeper.run().block(LIMIT).isZero()) {
            // The next one.
        }
    }

    /** Holds up a build, and no detach: it has touched no table of ours. */
    private static Connection snapshot() throws SQLException {
        Connection reader = POSTGRES.connect();
        reader.setAutoCommit(false);
        reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        reader.createStatement().executeQuery("select 1");
        return reader;
    }

    private static List<String> indexes(String table) {
        return POSTGRES.rows("select indexdef from pg_indexes where tablename = ?", table).stream()
                .map(row -> (String) row.get("indexdef"))
                .toList();
    }

    private static long tablesLike(String name) {
        return POSTGRES.count("pg_class where relname like '" + name + "%'");
    }

    private List<String> warnings() {
        return log.list().stream()
                .filter(line ->
                        line.getLevel() == Level.WARN && line.getLoggerName().endsWith("IndexKeeper"))
                .map(line -> line.getFormattedMessage())
                .toList();
    }
}
