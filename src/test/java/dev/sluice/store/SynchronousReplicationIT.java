package dev.sluice.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Rows;
import dev.sluice.store.batch.Batch;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is acknowledged while the standby that each COMMIT has to reach is away: nothing, whatever ends the wait. */
class SynchronousReplicationIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.dedicated();

    private static final String STANDBYS = "synchronous_standby_names";
    private static final String WAITING = "pg_stat_activity where datname = current_database()"
            + " and backend_type = 'client backend' and wait_event = 'SyncRep'";

    private final Events events = new Events();

    @BeforeEach
    void withoutTheStandby() {
        POSTGRES.server().set(STANDBYS, "");
        StoreFixture.prepare(POSTGRES);
        POSTGRES.server().set(STANDBYS, "absent");
    }

    @AfterEach
    void letEverybodyGo() {
        POSTGRES.server().set(STANDBYS, "");
    }

    @Test
    void acknowledgesNothingWhenTheWaitingBackendIsTerminated() {
        storesOnceAndAcknowledgesWithTheStandby(
                () -> POSTGRES.rows("select pg_terminate_backend(pid) from " + WAITING));
    }

    /** The server answers such a COMMIT well, but for a warning. */
    @Test
    void acknowledgesNothingWhenTheWaitIsCancelled() {
        storesOnceAndAcknowledgesWithTheStandby(() -> POSTGRES.rows("select pg_cancel_backend(pid) from " + WAITING));
    }

    @Test
    void hearsTheWarningAlsoOfARoleThatWantsToHearNone() {
        POSTGRES.server().set("client_min_messages", "error");
        try {
            storesOnceAndAcknowledgesWithTheStandby(
                    () -> POSTGRES.rows("select pg_cancel_backend(pid) from " + WAITING));
        } finally {
            POSTGRES.server().set("client_min_messages", "notice");
        }
    }

    @Test
    void acknowledgesNothingWhenTheServerIsRestarted() {
        storesOnceAndAcknowledgesWithTheStandby(() -> {
            POSTGRES.server().kill();
            POSTGRES.server().start();
        });
    }

    /** Visible is not durable: what knows the chunk already is acknowledged by a COMMIT of its own, too. */
    @Test
    void acknowledgesAChunkThatComesAgainOnlyWithTheStandby() {
        try (StoreFixture first = new StoreFixture(POSTGRES)) {
            var ended = first.start(List.of(chunk())).subscribe();
            Await.until(() -> POSTGRES.count(WAITING) == 1);
            ended.dispose();
            POSTGRES.rows("select pg_terminate_backend(pid) from " + WAITING);
            Await.until(() -> POSTGRES.count("log_event") == 10);
        }
        try (StoreFixture second = new StoreFixture(POSTGRES)) {
            CompletableFuture<List<Batch>> written =
                    second.start(List.of(chunk())).toFuture();
            Await.until(() -> events.acks.get() > 0 || POSTGRES.count(WAITING) == 1);
            assertThat(events.acks).hasValue(0);
            POSTGRES.server().set(STANDBYS, "");
            assertThat(written.join().getFirst().duplicateEvents()).isEqualTo(10);
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(10);
        assertThat(events.acks).hasValue(1);
    }

    private void storesOnceAndAcknowledgesWithTheStandby(Runnable interruption) {
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            CompletableFuture<List<Batch>> written =
                    fixture.start(events.frameBatches(1, 100)).toFuture();
            for (int i = 0; i < 2; i++) {
                Await.until(() -> events.acks.get() > 0 || POSTGRES.count(WAITING) == 1);
                assertThat(events.acks).as("acknowledged without the standby").hasValue(0);
                int before = fixture.retries.size();
                interruption.run();
                Await.until(() -> events.acks.get() > 0 || fixture.retries.size() > before);
            }
            Await.until(() -> events.acks.get() > 0 || POSTGRES.count(WAITING) == 1);
            assertThat(events.acks).as("acknowledged without the standby").hasValue(0);
            POSTGRES.server().set(STANDBYS, "");
            written.join();
            assertThat(fixture.resolutions).containsExactly(StoreObserver.Resolution.COMMITTED);
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(100);
        assertThat(events.acks).hasValue(1);
    }

    private Rows chunk() {
        events.encoder().begin(events.delivery());
        events.encoder().identity("chunk".getBytes(UTF_8));
        return events.fill(10);
    }
}
