package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Rows;
import dev.sluice.store.batch.Batch;
import dev.sluice.testing.Await;
import dev.sluice.testing.BesideOthers;
import dev.sluice.testing.PostgresExtension;
import dev.sluice.testing.Seed;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;

/** What is stored when connections break, and when the server is killed or does not answer: everything, once. */
@BesideOthers
class EventStoreFailureIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.dedicated();

    private final Events events = new Events();

    @BeforeEach
    void prepare() {
        StoreFixture.prepare(POSTGRES);
    }

    @Test
    void storesOnceWhenBackendsAreTerminated() {
        List<Rows> rows = events.frameBatches(600, 1000);
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            CompletableFuture<List<Batch>> written = fixture.start(rows).toFuture();
            SplittableRandom random = Seed.random();
            int kills = 0;
            while (kills < 10 && !written.isDone()) {
                Await.pause(random.nextInt(150));
                kills += POSTGRES.rows("select pg_terminate_backend(pid) from pg_stat_activity"
                                + " where datname = current_database() and pid <> pg_backend_pid()"
                                + " and backend_type = 'client backend'")
                        .size();
            }
            written.join();
            assertThat(kills).isGreaterThanOrEqualTo(10);
            assertThat(fixture.retries).isNotEmpty().containsOnly("reconnect");
        }
        assertExactly(600_000);
    }

    @Test
    void storesOnceWhenTheServerIsKilledAndRestarted() {
        List<Rows> rows = events.frameBatches(400, 1000);
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            CompletableFuture<List<Batch>> written = fixture.start(rows).toFuture();
            SplittableRandom random = Seed.random();
            for (int i = 0; i < 3; i++) {
                Await.pause(200 + random.nextInt(300));
                POSTGRES.server().kill();
                Await.pause(200);
                POSTGRES.server().start();
            }
            written.join();
            assertThat(fixture.retries).isNotEmpty();
        }
        assertExactly(400_000);
    }

    @Test
    void waitsForAFrozenServerThatThawsBeforeTheDeadline() {
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(events.frameBatches(2, 10));
            CompletableFuture<List<Batch>> written = frozenWhileWriting(fixture, 3000);
            written.join();
            assertThat(fixture.retries).isEmpty();
        }
        assertExactly(200_020);
    }

    @Test
    void closesTheConnectionsOfAFrozenServerAtTheDeadlineAndStoresOnce() {
        var settings = StoreFixture.settings(Duration.ofSeconds(1));
        try (StoreFixture fixture = new StoreFixture(POSTGRES, POSTGRES.port(), settings, Mono.empty())) {
            fixture.write(events.frameBatches(2, 10));
            CompletableFuture<List<Batch>> written = frozenWhileWriting(fixture, 4000);
            assertThat(fixture.retries).isNotEmpty();
            written.join();
        }
        assertExactly(200_020);
    }

    /** Each try of the whole batch takes longer than the first deadline. */
    @Test
    void storesWhatTakesLongerThanTheDeadline() {
        POSTGRES.execute("create or replace function slow() returns trigger language plpgsql as $$ begin"
                + " perform pg_sleep(0.3); return new; end $$");
        POSTGRES.execute("create trigger slow before insert on log_event for each row execute function slow()");
        var settings = StoreFixture.settings(Duration.ofSeconds(1));
        try (StoreFixture fixture = new StoreFixture(POSTGRES, POSTGRES.port(), settings, Mono.empty())) {
            fixture.write(events.frameBatches(1, 10));
            assertThat(fixture.retries).hasSizeGreaterThanOrEqualTo(2).containsOnly("reconnect");
        } finally {
            POSTGRES.execute("drop trigger slow on log_event");
        }
        assertExactly(10);
    }

    @Test
    void storesOnceWhenAnEarlierAttemptStillWaitsForALock() throws Exception {
        var settings = StoreFixture.settings(Duration.ofSeconds(1));
        try (StoreFixture fixture = new StoreFixture(POSTGRES, POSTGRES.port(), settings, Mono.empty());
                var connection = POSTGRES.connect()) {
            connection.setAutoCommit(false);
            connection.createStatement().execute("lock table log_event in access exclusive mode");
            CompletableFuture<List<Batch>> written =
                    fixture.start(events.frameBatches(10, 1000)).toFuture();
            Await.pause(12_000);
            assertThat(fixture.retries).hasSizeGreaterThan(2);
            // The backends of closed connections go away although the lock is still there.
            assertThat(POSTGRES.count("pg_stat_activity where datname = current_database()"))
                    .isLessThan(14);
            connection.rollback();
            written.join();
        }
        assertExactly(10_000);
    }

    @ParameterizedTest
    @EnumSource
    void storesOnceWhenTheConnectionIsCutAroundTheCommit(CuttingProxy.Cut cut) throws Exception {
        try (CuttingProxy proxy = new CuttingProxy(POSTGRES.host(), POSTGRES.port(), cut, 2);
                StoreFixture fixture = new StoreFixture(
                        POSTGRES, proxy.port(), StoreFixture.settings(StoreFixture.LIMIT), Mono.empty())) {
            fixture.write(events.frameBatches(10, 1000));
            assertThat(proxy.cuts).hasValue(2);
            assertThat(fixture.retries).hasSizeBetween(2, 4).containsOnly("reconnect");
            assertThat(fixture.resolutions)
                    .isNotEmpty()
                    .containsOnly(
                            cut == CuttingProxy.Cut.BEFORE_REPLY
                                    ? StoreObserver.Resolution.COMMITTED
                                    : StoreObserver.Resolution.RETRIED);
        }
        assertExactly(10_000);
    }

    @Test
    void connectsAgainAfterItsConnectionWasLostWhileIdle() {
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(events.frameBatches(2, 10));
            POSTGRES.server().stop();
            POSTGRES.server().start();
            fixture.write(events.frameBatches(2, 10));
            assertThat(fixture.retries).isEmpty();
        }
        assertExactly(40);
    }

    private CompletableFuture<List<Batch>> frozenWhileWriting(StoreFixture fixture, long millis) {
        CompletableFuture<List<Batch>> written =
                fixture.start(events.frameBatches(200, 1000)).toFuture();
        Await.pause(150);
        POSTGRES.server().freeze();
        try {
            Await.pause(millis);
            assertThat(written).isNotDone();
        } finally {
            POSTGRES.server().thaw();
        }
        return written;
    }

    private static void assertExactly(int count) {
        assertThat(POSTGRES.count("log_event")).isEqualTo(count);
        assertThat(POSTGRES.count("(select distinct message from log_event) as m"))
                .isEqualTo(count);
        assertThat(POSTGRES.count("dead_letter")).isZero();
    }
}
