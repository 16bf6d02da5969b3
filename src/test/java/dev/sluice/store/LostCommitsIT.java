package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.sluice.testing.Await;
import dev.sluice.testing.LogLines;
import dev.sluice.testing.PostgresExtension;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Mono;

/** A database that does not have what it had committed says nothing: the next connection of a lane finds out. */
class LostCommitsIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.restorable();

    private final Events events = new Events();

    @RegisterExtension
    final LogLines log = new LogLines(LookBack.class);

    @BeforeEach
    void prepare() {
        StoreFixture.prepare(POSTGRES);
    }

    @Test
    void aRestoredDatabaseIsToldWithWhatIsGone() {
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            write(fixture, 7);
            POSTGRES.server().stop();
            POSTGRES.server().save();
            POSTGRES.server().start();
            write(fixture, 10);
            write(fixture, 30);
            assertThat(fixture.lost).hasValue(0);
            POSTGRES.server().stop();
            POSTGRES.server().restore();
            POSTGRES.server().start();
            write(fixture, 1);
            write(fixture, 2);
            assertThat(fixture.lost).hasValue(40);
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(10);
        assertThat(log.list()).singleElement().satisfies(line -> {
            assertThat(line.getLevel()).isEqualTo(Level.ERROR);
            assertThat(line.getFormattedMessage())
                    .contains("40 events in 2 batches")
                    .doesNotContain("at least");
        });
    }

    @Test
    void aLedgerThatACrashEmptiedIsTold() {
        POSTGRES.execute("alter table ingest_batch set unlogged");
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            write(fixture, 5);
            POSTGRES.server().kill();
            POSTGRES.server().start();
            write(fixture, 5);
            assertThat(fixture.lost).hasValue(5);
        } finally {
            POSTGRES.execute("alter table ingest_batch set logged");
        }
        assertThat(log.list())
                .singleElement()
                .satisfies(line -> assertThat(line.getFormattedMessage()).contains("at least 5 events in 1 batches"));
    }

    @Test
    void aCrashWithoutLossIsNoLoss() {
        try (StoreFixture one = new StoreFixture(POSTGRES);
                StoreFixture other = new StoreFixture(POSTGRES)) {
            write(one, 5);
            write(other, 5);
            POSTGRES.server().kill();
            POSTGRES.server().start();
            write(one, 5);
            write(other, 5);
            assertThat(one.lost).hasValue(0);
            assertThat(other.lost).hasValue(0);
        }
        assertThat(log.list()).isEmpty();
    }

    @Test
    void eventsThatTheOwnerRemovedAreNoLoss() {
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            write(fixture, 5);
            POSTGRES.execute("truncate log_event");
            reconnect();
            write(fixture, 5);
            assertThat(fixture.lost).hasValue(0);
        }
    }

    @Test
    void whatTheLedgerNeedNotRememberIsNoLoss() {
        StoreSettings some = StoreFixture.settings(StoreFixture.LIMIT);
        StoreSettings brief = new StoreSettings(
                some.lanes(),
                some.maxEvents(),
                some.maxBytes(),
                some.batchDeadline(),
                some.connectTimeout(),
                some.backoffMin(),
                some.backoffMax(),
                some.haltedRetry(),
                Duration.ofMillis(200));
        try (StoreFixture fixture = new StoreFixture(POSTGRES, POSTGRES.port(), brief, Mono.empty())) {
            write(fixture, 5);
            Await.pause(200);
            POSTGRES.execute("delete from ingest_batch where committed_at < now() - interval '200 ms'");
            reconnect();
            write(fixture, 5);
            assertThat(fixture.lost).hasValue(0);
        }
    }

    /** A delivery that was committed before is not stored, and so cannot be lost; its dead letter can. */
    @Test
    void whatIsCountedIsWhatWasStored() {
        POSTGRES.execute("alter table log_event add constraint not_wanted check (message <> 'refuse me')");
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(List.of(events.frameBatchOf("a", "refuse me", "b", "c")));
            POSTGRES.execute("truncate ingest_batch");
            reconnect();
            write(fixture, 1);
            assertThat(fixture.lost).hasValue(4);
            assertThat(fixture.deadLetters).hasValue(1);
        } finally {
            POSTGRES.execute("alter table log_event drop constraint not_wanted");
        }
    }

    private void write(StoreFixture fixture, int count) {
        fixture.write(events.frameBatches(1, count));
    }

    private static void reconnect() {
        POSTGRES.rows(
                "select pg_terminate_backend(pid, 10000) from pg_stat_activity"
                        + " where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'");
    }
}
