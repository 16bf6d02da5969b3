package dev.sluice.store.schema;

import static dev.sluice.store.schema.KeeperFixture.LIMIT;
import static dev.sluice.store.schema.KeeperFixture.WEEK;
import static dev.sluice.store.schema.KeeperFixture.settings;
import static dev.sluice.store.schema.KeeperFixture.table;
import static dev.sluice.store.schema.KeeperFixture.tables;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.store.database.TableHome;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import java.io.StringReader;
import java.net.ConnectException;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
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

    private static final Instant NOW = Instant.parse("2026-11-24T23:59:58Z");

    private final KeeperFixture fixture = new KeeperFixture(POSTGRES);

    @BeforeEach
    void freshTables() throws InterruptedException {
        fixture.freshTables();
        fixture.setDatabaseClock(Duration.between(Instant.now(), NOW).toSeconds() + " seconds");
    }

    @Test
    void daysFromYesterdayToAWeekAheadAreMade() {
        PartitionKeeper keeper = fixture.keeper(NOW);
        keeper.run().block(LIMIT);
        assertThat(fixture.attached())
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
            fixture.keeper(NOW).run().block(LIMIT);
            fixture.insert("2026-11-24T23:59:59.999999Z");
            fixture.insert("2026-11-25T00:00:00Z");
            assertThat(POSTGRES.count("log_event_20261124")).isEqualTo(1);
            assertThat(POSTGRES.count("log_event_20261125")).isEqualTo(1);
        } finally {
            POSTGRES.execute("alter database " + POSTGRES.database() + " reset timezone");
        }
    }

    @Test
    void severalKeepersAtOnceMakeEachDayOnce() {
        Flux.range(0, 3).flatMap(i -> fixture.keeper(NOW).run(), 3).blockLast(LIMIT);
        assertThat(fixture.attached()).hasSize(9);
    }

    @Test
    void daysThatRowsNeedAreMadeWithinAYear() {
        LocalDate waited = LocalDate.of(2026, 8, 1);
        LocalDate ahead = LocalDate.of(2027, 1, 3);
        Partitions.StorableTimes times = fixture.keeper(NOW)
                .make(Set.of(waited, ahead, LocalDate.of(1970, 1, 1), LocalDate.of(2100, 1, 1)))
                .block(LIMIT);
        assertThat(fixture.attached())
                .containsExactly("log_event_20260801", "log_event_20261124", "log_event_20270103");
        assertThat(times.from()).isEqualTo(Instant.parse("2025-11-23T00:00:00Z"));
        assertThat(times.until()).isEqualTo(Instant.parse("2027-11-25T00:00:00Z"));
    }

    @Test
    void machineThatThinksItIs1970MakesTheDaysOfTheDatabase() {
        fixture.keeper(Instant.EPOCH).runWhenPossible().block(LIMIT);
        assertThat(fixture.attached()).hasSize(9).contains("log_event_20261124");
    }

    @Test
    void theFirstPassWaitsForADatabaseThatIsAway() {
        AtomicInteger attempts = new AtomicInteger();
        ConnectionFactory real = ConnectionFactories.get(fixture.options());
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
                new TableHome("public"),
                WEEK,
                InstantSource.fixed(NOW));
        keeper.runWhenPossible().block(LIMIT);
        assertThat(attempts).hasValue(3);
        assertThat(fixture.attached()).contains("log_event_20261124");
    }

    @Test
    void copyAndTheMakingOfDaysNeverWaitForAKeeperThatWaitsForALongReader() throws Exception {
        fixture.setDatabaseClock("0");
        Instant now = Instant.now();
        fixture.makeOldDays(now, 10, 9, 0);
        try (Connection reader = POSTGRES.connect();
                CopyLoop copies = new CopyLoop(now)) {
            reader.setAutoCommit(false);
            reader.createStatement().executeQuery("select count(*) from log_event");
            copies.awaitSome();
            CompletableFuture<Duration> removal =
                    fixture.keeper(now, settings(7, 100)).run().toFuture();
            Await.until(() -> POSTGRES.count("pg_inherits where inhdetachpending") == 1);
            copies.awaitSome();
            fixture.keeper(now.plus(KeeperFixture.DAY)).runWhenPossible().block(LIMIT);
            assertThat(fixture.attached()).contains(table(now, 8));
            copies.awaitSome();
            assertThat(removal).isNotDone();
            reader.commit();
            assertThat(removal.get(1, TimeUnit.MINUTES)).isEqualTo(Duration.ofHours(1));
            copies.awaitSome();
            assertThat(copies.longestLockWaitMillis.get()).isLessThan(200);
        }
        assertThat(fixture.tables()).doesNotContain(tables(now, -10, -9));
    }

    @Test
    void oldDayThatIsLockedForLongHoldsUpNoStart() throws Exception {
        fixture.setDatabaseClock("0");
        Instant now = Instant.now();
        fixture.makeOldDays(now, 10);
        POSTGRES.execute("update log_event_day set inserts = null");
        try (Connection vacuum = POSTGRES.connect()) {
            vacuum.setAutoCommit(false);
            vacuum.createStatement().execute("lock table " + table(now, -10));
            fixture.keeper(now).runWhenPossible().block(LIMIT);
            assertThat(fixture.attached()).contains(table(now, 7));
            assertThatThrownBy(() -> fixture.keeper(now).run().block(LIMIT)).hasMessageContaining("lock timeout");
        }
        assertThat(fixture.tables()).contains(table(now, -10));
    }

    @Test
    void lockThatIsHeldTooLongIsSaidWithItsHolder() throws Exception {
        try (Connection locker = POSTGRES.connect()) {
            locker.setAutoCommit(false);
            locker.createStatement().execute("set application_name = 'long-report'");
            locker.createStatement().execute("lock table log_event in share update exclusive mode");
            assertThatThrownBy(() -> fixture.keeper(NOW).run().block(LIMIT))
                    .hasMessageContaining("lock timeout")
                    .hasMessageContaining("long-report")
                    .hasMessageContaining("idle in transaction");
        }
    }

    @Test
    void lockedTableDelaysAPassOnlyForMoments() throws Exception {
        try (Connection locker = POSTGRES.connect()) {
            locker.setAutoCommit(false);
            locker.createStatement().execute("lock table log_event");
            Instant begun = Instant.now();
            assertThat(fixture.keeper(NOW)
                            .run()
                            .thenReturn("made")
                            .onErrorReturn("failed")
                            .block(LIMIT))
                    .isEqualTo("failed");
            assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(10));
        }
        fixture.keeper(NOW).run().block(LIMIT);
        assertThat(fixture.attached()).hasSize(9);
    }

    /** Rows of the rest would have no place, and nothing that could be done about it. */
    @Test
    void theRestOfADayOfWhichSomebodyMadeAPartIsMadeAndRemoved() {
        POSTGRES.execute(
                "create table morning partition of log_event for values from ('2026-11-24T06:00Z') to ('2026-11-24T12:00Z')");
        fixture.keeper(NOW).run().block(LIMIT);
        for (String hour : List.of("00:00:00", "05:59:59", "06:00:00", "12:00:00", "23:59:59")) {
            fixture.insert("2026-11-24T" + hour + "Z");
        }
        assertThat(POSTGRES.count("morning")).isEqualTo(1);
        assertThat(fixture.attached()).contains("log_event_20261124", "log_event_20261124_1");
        assertThat(POSTGRES.count("log_event_day where day = '2026-11-24'")).isEqualTo(2);
    }

    @Test
    void theTimeoutsOfTheRoleDoNotEndItsStatements() {
        for (String name : List.of("statement_timeout", "lock_timeout", "transaction_timeout")) {
            POSTGRES.execute("alter role current_user set " + name + " = '300ms'");
        }
        POSTGRES.execute("create function slow() returns trigger language plpgsql as"
                + " $$ begin perform pg_sleep(0.5); return new; end $$");
        POSTGRES.execute("create trigger slow before insert on log_event_day for each row when (new.day = '"
                + KeeperFixture.day(NOW, 7).day() + "') execute function slow()");
        try {
            fixture.keeper(NOW).run().block(LIMIT);
        } finally {
            POSTGRES.execute("alter role current_user reset all");
        }
        assertThat(fixture.attached()).hasSize(9);
    }

    /** Writes without pause, and watches how long its lock on the table is waited for. */
    private static final class CopyLoop implements AutoCloseable {
        /** The common pool has a single thread on a small machine. */
        private static final Executor OWN_THREAD =
                task -> Thread.ofPlatform().daemon().start(task);

        private final Instant now;
        private final AtomicBoolean ended = new AtomicBoolean();
        private final AtomicLong copies = new AtomicLong();
        private final AtomicLong looks = new AtomicLong();
        private final AtomicLong longestLockWaitMillis = new AtomicLong();
        private final CompletableFuture<Void> writer;
        private final CompletableFuture<Void> watcher;

        CopyLoop(Instant now) {
            this.now = now;
            writer = CompletableFuture.runAsync(this::copy, OWN_THREAD);
            watcher = CompletableFuture.runAsync(this::watch, OWN_THREAD);
        }

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
                            new StringReader(now + "\t" + now + "\tm\ts\tl\n"));
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
