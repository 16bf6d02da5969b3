package dev.sluice.store.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.store.database.JdbcUrl;
import dev.sluice.store.database.TableHome;
import dev.sluice.testing.PostgresExtension;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Fresh tables, keepers of any time and a database whose clock can be set. */
final class KeeperFixture {

    static final Duration LIMIT = Duration.ofMinutes(1);
    static final Duration DAY = Duration.ofDays(1);
    static final PartitionSettings WEEK = settings(7, 1);

    private final PostgresExtension postgres;
    private final TableHome home = new TableHome("public");

    KeeperFixture(PostgresExtension postgres) {
        this.postgres = postgres;
    }

    static PartitionSettings settings(int retentionDays, int removalStep) {
        return new PartitionSettings(7, Duration.ofDays(retentionDays), DAY, DAY, removalStep, null);
    }

    /** The tables of a first start; the database's clock goes right. */
    void freshTables() throws InterruptedException {
        postgres.execute("drop schema if exists fake cascade");
        postgres.execute("drop schema public cascade");
        postgres.execute("create schema public");
        new SchemaMigration(JdbcUrl.of(options()), postgres.user(), postgres.password(), home).run();
        postgres.execute("create schema fake");
        postgres.execute("create table fake.clock as select interval '0' as ahead");
        for (String function : List.of("now", "clock_timestamp")) {
            postgres.execute("create function fake.%1$s() returns timestamptz language sql as".formatted(function)
                    + " $$ select pg_catalog.%1$s() + ahead from fake.clock $$".formatted(function));
        }
        postgres.execute("alter database " + postgres.database() + " set search_path = public, fake, pg_catalog");
    }

    /** Sets the clock that the database shows, by an interval against the real one. */
    void setDatabaseClock(String ahead) {
        postgres.execute("update fake.clock set ahead = ?::interval", ahead);
    }

    PartitionKeeper keeper(Instant now) {
        return keeper(now, WEEK);
    }

    PartitionKeeper keeper(Instant now, PartitionSettings settings) {
        return keeper(InstantSource.fixed(now), settings);
    }

    PartitionKeeper keeper(InstantSource clock, PartitionSettings settings) {
        return new PartitionKeeper(ConnectionFactories.get(options()), home, settings, clock);
    }

    ConnectionFactoryOptions options() {
        return ConnectionFactoryOptions.parse(postgres.r2dbcUrl())
                .mutate()
                .option(ConnectionFactoryOptions.USER, postgres.user())
                .option(ConnectionFactoryOptions.PASSWORD, postgres.password())
                .build();
    }

    /** Days around an instant as an ordinary life left them: made ahead, written to on their day. */
    void makeOldDays(Instant now, int... daysAgo) {
        for (int days : daysAgo) {
            DayPartition day = day(now, -days);
            postgres.execute(home.in(day.createSql(1, new PartitionCatalog.Gap(day.begin(), day.end()))));
        }
        postgres.execute("update log_event_day set made_at = day - 7, written_at = day + 1");
    }

    static DayPartition day(Instant now, int offset) {
        return DayPartition.of(now.plus(offset, ChronoUnit.DAYS));
    }

    static String table(Instant now, int offset) {
        return day(now, offset).table();
    }

    static String[] tables(Instant now, int... offsets) {
        return Arrays.stream(offsets).mapToObj(offset -> table(now, offset)).toArray(String[]::new);
    }

    /** What a new pass would find an hour later, as far as the last removal goes. */
    void anHourPasses() {
        postgres.execute("update log_event_day set removed_at = removed_at - interval '1 hour',"
                + " detaching_at = detaching_at - interval '1 hour'");
        postgres.execute("update retention_pass set dead_letters_at = dead_letters_at - interval '1 hour'");
    }

    /** Leaves what a concurrent detach leaves that was ended while it waited. */
    void halfDetach(String table) throws Exception {
        try (Connection reader = postgres.connect();
                Connection detacher = postgres.connect()) {
            reader.setAutoCommit(false);
            reader.createStatement().executeQuery("select count(*) from log_event");
            detacher.createStatement().execute("set lock_timeout = 100");
            CompletableFuture.runAsync(() -> {
                        try {
                            detacher.createStatement()
                                    .execute("alter table log_event detach partition " + table + " concurrently");
                        } catch (Exception expected) {
                            // It gives up, as a killed keeper would.
                        }
                    })
                    .join();
            assertThat(postgres.count("pg_inherits where inhdetachpending")).isEqualTo(1);
        }
    }

    void insert(String receivedAt) {
        postgres.execute(
                "insert into log_event (received_at, event_at, message, source, listener)"
                        + " values (?::timestamptz, pg_catalog.now(), '', '', '')",
                receivedAt);
    }

    List<String> attached() {
        return names("select c.relname::text as name from pg_inherits join pg_class c on c.oid = inhrelid"
                + " where inhparent = 'log_event'::regclass and not inhdetachpending order by 1");
    }

    List<String> tables() {
        return names("select relname::text as name from pg_class where relname ~ '^log_event_(2|archive)'"
                + " and relkind = 'r' order by 1");
    }

    private List<String> names(String sql) {
        return postgres.rows(sql).stream().map(row -> (String) row.get("name")).toList();
    }
}
