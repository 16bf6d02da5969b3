package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.PostgresExtension;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.io.StringReader;
import java.net.ConnectException;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.PGConnection;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

final class PartitionKeeperIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared().empty();

    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Instant NOW = Instant.parse("2026-11-24T23:59:58Z");
    private static final PartitionSettings WEEK =
            new PartitionSettings(7, Duration.ofDays(7), Duration.ofDays(1), Duration.ofDays(1));

    @BeforeEach
    void freshTables() throws InterruptedException {
        POSTGRES.execute("drop schema public cascade");
        POSTGRES.execute("create schema public");
        new SchemaMigration(JdbcUrl.of(options()), POSTGRES.user(), POSTGRES.password(), null).run();
    }

    @Test
    void daysFromYesterdayToAWeekAheadAreMade() {
        PartitionKeeper keeper = keeper(NOW);
        keeper.run().block(LIMIT);
        assertThat(attached())
                .containsExactly(
                        "log_event_20261123",
                        "log_event_20261124",
                        "log_event_20261125",
                        "log_event_20261126",
                        "log_event_20261127",
                        "log_event_20261128",
                        "log_event_20261129",
                        "log_event_20261130",
                        "log_event_20261201");
        assertThat(keeper.horizonSeconds()).isEqualTo(7 * 86_400.0 + 2);
        assertThat(POSTGRES.rows("select indexname from pg_indexes where tablename = 'log_event_20261124'"))
                .hasSize(1);
    }

    @Test
    void dayEndsAtMidnightInUtcWhateverTheTimeZoneOfTheDatabase() {
        POSTGRES.execute("alter database " + POSTGRES.database() + " set timezone = 'Asia/Tokyo'");
        try {
            keeper(NOW).run().block(LIMIT);
            insert("2026-11-24T23:59:59.999999Z");
            insert("2026-11-25T00:00:00Z");
            assertThat(POSTGRES.count("log_event_20261124")).isEqualTo(1);
            assertThat(POSTGRES.count("log_event_20261125")).isEqualTo(1);
        } finally {
            POSTGRES.execute("alter database " + POSTGRES.database() + " reset timezone");
        }
    }

    @Test
    void severalKeepersAtOnceMakeEachDayOnce() {
        Flux.range(0, 3).flatMap(i -> keeper(NOW).run(), 3).blockLast(LIMIT);
        assertThat(attached()).hasSize(9);
    }

    @Test
    void daysOlderThanRetentionAreRemovedAndNoOthers() {
        makeDays("2026-11-14T00:00:00Z");
        keeper(NOW).run().block(LIMIT);
        assertThat(attached()).first().isEqualTo("log_event_20261117");
        assertThat(tables()).first().isEqualTo("log_event_20261117");
    }

    @Test
    void tableThatWasDetachedAndNotDroppedIsRemovedWhenOldAndAttachedWhenNeeded() {
        makeDays("2026-11-14T00:00:00Z");
        keeper(NOW).makeMissing().block(LIMIT);
        POSTGRES.execute("alter table log_event detach partition log_event_20261115");
        POSTGRES.execute("alter table log_event detach partition log_event_20261125");
        keeper(NOW).run().block(LIMIT);
        assertThat(tables()).doesNotContain("log_event_20261115");
        assertThat(attached()).contains("log_event_20261125");
    }

    @Test
    void foreignTablesWithASimilarNameStay() {
        POSTGRES.execute("create table log_event_archive (n integer)");
        POSTGRES.execute("create table log_event_20209999 (n integer)");
        keeper(NOW).run().block(LIMIT);
        assertThat(tables()).contains("log_event_archive", "log_event_20209999");
    }

    @Test
    void oldLedgerRowsAndDeadLettersAreRemoved() {
        POSTGRES.execute(
                "insert into ingest_batch select gen_random_uuid(), ?::timestamptz - n * interval '1 second', 1"
                        + " from generate_series(86390, 99999) n",
                NOW.toString());
        POSTGRES.execute(
                "insert into dead_letter (received_at) select ?::timestamptz - n * interval '1 day'"
                        + " from generate_series(0, 9) n",
                NOW.toString());
        keeper(NOW).run().block(LIMIT);
        assertThat(POSTGRES.count("ingest_batch")).isEqualTo(11);
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(8);
    }

    @Test
    void rowsThatWaitedForDaysGetTheirPlaceAndNothingIsRemoved() {
        makeDays("2026-11-14T00:00:00Z");
        assertThat(attached()).contains("log_event_20261113").doesNotContain("log_event_20261123");
        keeper(NOW).makeMissing().block(LIMIT);
        assertThat(attached()).contains("log_event_20261113", "log_event_20261123", "log_event_20261201");
        POSTGRES.execute("drop table log_event_20261117");
        keeper(NOW).makeMissing().block(LIMIT);
        assertThat(attached()).contains("log_event_20261117");
    }

    @Test
    void theFirstPassWaitsForADatabaseThatIsAway() {
        AtomicInteger attempts = new AtomicInteger();
        ConnectionFactory real = ConnectionFactories.get(options());
        PartitionKeeper keeper = new PartitionKeeper(
                new ConnectionFactory() {
                    @Override
                    public Publisher<? extends io.r2dbc.spi.Connection> create() {
                        return attempts.incrementAndGet() < 3
                                ? Mono.error(new ConnectException("refused"))
                                : real.create();
                    }

                    @Override
                    public ConnectionFactoryMetadata getMetadata() {
                        return real.getMetadata();
                    }
                },
                WEEK,
                InstantSource.fixed(NOW));
        keeper.runWhenPossible().block(LIMIT);
        assertThat(attempts).hasValue(3);
        assertThat(attached()).contains("log_event_20261124");
    }

    @Test
    void copyNeverWaitsForAKeeperThatWaitsForALongReader() throws Exception {
        makeDays("2026-11-14T00:00:00Z");
        POSTGRES.execute("create table log_event_20261124 partition of log_event"
                + " for values from ('2026-11-24T00:00:00Z') to ('2026-11-25T00:00:00Z')");
        try (Connection reader = POSTGRES.connect();
                CopyLoop copies = new CopyLoop()) {
            reader.setAutoCommit(false);
            reader.createStatement().executeQuery("select count(*) from log_event");
            copies.awaitSome();
            keeper(NOW).run().onErrorComplete().block(LIMIT);
            copies.awaitSome();
            assertThat(copies.longestLockWaitMillis.get()).isLessThan(200);
            assertThat(attached()).contains("log_event_20261201");
            // The reader is still there: one day is detached by half, and the next pass completes it.
            assertThat(tables()).contains("log_event_20261113");
            reader.commit();
            keeper(NOW).run().block(LIMIT);
            copies.awaitSome();
            assertThat(copies.longestLockWaitMillis.get()).isLessThan(200);
        }
        assertThat(tables()).first().isEqualTo("log_event_20261117");
    }

    @Test
    void detachThatWasInterruptedIsCompleted() throws Exception {
        makeDays("2026-11-14T00:00:00Z");
        try (Connection reader = POSTGRES.connect();
                Connection detacher = POSTGRES.connect()) {
            reader.setAutoCommit(false);
            reader.createStatement().executeQuery("select count(*) from log_event");
            detacher.createStatement().execute("set lock_timeout = 100");
            CompletableFuture.runAsync(() -> {
                        try {
                            detacher.createStatement()
                                    .execute("alter table log_event detach partition log_event_20261116 concurrently");
                        } catch (Exception expected) {
                            // It gives up, as a killed keeper would.
                        }
                    })
                    .join();
            assertThat(POSTGRES.count("pg_inherits where inhdetachpending")).isEqualTo(1);
        }
        keeper(NOW).run().block(LIMIT);
        assertThat(POSTGRES.count("pg_inherits where inhdetachpending")).isZero();
        assertThat(tables()).first().isEqualTo("log_event_20261117");
    }

    @Test
    void lockedTableDelaysAPassOnlyForMoments() throws Exception {
        try (Connection locker = POSTGRES.connect()) {
            locker.setAutoCommit(false);
            locker.createStatement().execute("lock table log_event");
            Instant begun = Instant.now();
            assertThat(keeper(NOW)
                            .run()
                            .thenReturn("made")
                            .onErrorReturn("failed")
                            .block(LIMIT))
                    .isEqualTo("failed");
            assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(10));
        }
        keeper(NOW).run().block(LIMIT);
        assertThat(attached()).hasSize(9);
    }

    /** Days around an instant, by a keeper that lives then. */
    private static void makeDays(String instant) {
        keeper(Instant.parse(instant)).run().block(LIMIT);
    }

    private static PartitionKeeper keeper(Instant now) {
        ConnectionFactory connections = ConnectionFactories.get(options());
        return new PartitionKeeper(connections, WEEK, InstantSource.fixed(now));
    }

    private static ConnectionFactoryOptions options() {
        return ConnectionFactoryOptions.parse(POSTGRES.r2dbcUrl())
                .mutate()
                .option(ConnectionFactoryOptions.USER, POSTGRES.user())
                .option(ConnectionFactoryOptions.PASSWORD, POSTGRES.password())
                .build();
    }

    private static void insert(String receivedAt) {
        POSTGRES.execute(
                "insert into log_event (received_at, event_at, message, source, listener)"
                        + " values (?::timestamptz, now(), '', '', '')",
                receivedAt);
    }

    private static List<String> attached() {
        return names("select inhrelid::regclass::text as name from pg_inherits"
                + " where inhparent = 'log_event'::regclass and not inhdetachpending order by 1");
    }

    private static List<String> tables() {
        return names("select relname::text as name from pg_class where relname like 'log\\_event\\_%'"
                + " and relkind = 'r' order by 1");
    }

    private static List<String> names(String sql) {
        return POSTGRES.rows(sql).stream().map(row -> (String) row.get("name")).toList();
    }

    /** Writes without pause, and watches how long its lock on the table is waited for. */
    private static final class CopyLoop implements AutoCloseable {
        /** The common pool has a single thread on a small machine. */
        private static final Executor OWN_THREAD =
                task -> Thread.ofPlatform().daemon().start(task);

        private final AtomicBoolean ended = new AtomicBoolean();
        private final AtomicLong copies = new AtomicLong();
        private final AtomicLong looks = new AtomicLong();
        private final AtomicLong longestLockWaitMillis = new AtomicLong();
        private final CompletableFuture<Void> writer = CompletableFuture.runAsync(this::copy, OWN_THREAD);
        private final CompletableFuture<Void> watcher = CompletableFuture.runAsync(this::watch, OWN_THREAD);

        void awaitSome() throws InterruptedException {
            long enough = copies.get() + 20;
            long looksEnough = looks.get() + 2;
            while (copies.get() < enough || looks.get() < looksEnough) {
                assertThat(writer).isNotDone();
                assertThat(watcher).isNotDone();
                Thread.sleep(10);
            }
        }

        private void copy() {
            try (Connection connection = POSTGRES.connect()) {
                var copy = connection.unwrap(PGConnection.class).getCopyAPI();
                while (!ended.get()) {
                    copy.copyIn(
                            "copy log_event (received_at, event_at, message, source, listener) from stdin",
                            new StringReader(NOW + "\t" + NOW + "\tm\ts\tl\n"));
                    copies.incrementAndGet();
                }
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        private void watch() {
            while (!ended.get()) {
                var waits = POSTGRES.rows("select extract(epoch from clock_timestamp() - waitstart) * 1000 as ms"
                        + " from pg_locks where not granted and mode = 'RowExclusiveLock' and waitstart is not null");
                for (var wait : waits) {
                    longestLockWaitMillis.accumulateAndGet(((Number) wait.get("ms")).longValue(), Math::max);
                }
                looks.incrementAndGet();
            }
        }

        @Override
        public void close() {
            ended.set(true);
            CompletableFuture.allOf(writer, watcher).join();
        }
    }
}
