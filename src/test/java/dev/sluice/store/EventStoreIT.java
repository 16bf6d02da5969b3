package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.RejectReason;
import dev.sluice.event.Rows;
import dev.sluice.store.batch.Batch;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import io.r2dbc.spi.R2dbcPermissionDeniedException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What is stored when the database is well but the rows, the tables or the partitions are not. */
class EventStoreIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private final Events events = new Events();

    @BeforeEach
    void prepare() {
        StoreFixture.prepare(POSTGRES);
    }

    @AfterEach
    void removePoison() {
        POSTGRES.execute("alter table log_event drop constraint if exists poison");
        POSTGRES.execute("drop trigger if exists poison on log_event");
    }

    @Test
    void storesEveryEventOnceAndAcknowledgesEveryDelivery() {
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            List<Batch> batches = fixture.write(events.frameBatches(300, 211));
            assertThat(batches.stream().mapToInt(Batch::events).sum()).isEqualTo(63_300);
            assertThat(batches).allMatch(batch -> batch.events() <= 20_000);
            assertThat(POSTGRES.count("ingest_batch")).isEqualTo(batches.size());
            assertThat(fixture.retries).isEmpty();
            assertThat(fixture.resolutions).isEmpty();
        }
        assertExactly(63_300);
        assertThat(events.acks).hasValue(300);
    }

    @Test
    void storesDeadLettersWithTheirBatch() {
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            events.encoder().begin(events.delivery());
            byte[] frame = "xx{not json}".getBytes(StandardCharsets.UTF_8);
            events.encoder().reject(RejectReason.MALFORMED_JSON, "no object", frame, 2, frame.length);
            fixture.write(List.of(events.encoder().seal(), events.frameBatch(3)));
        }
        assertExactly(3);
        assertThat(events.acks).hasValue(2);
        Map<String, Object> letter = POSTGRES.rows("select * from dead_letter").getFirst();
        assertThat(letter)
                .containsEntry("source", "10.0.0.1")
                .containsEntry("listener", "main")
                .containsEntry("protocol", "syslog")
                .containsEntry("reason", "malformed_json")
                .containsEntry("detail", "no object");
        assertThat((byte[]) letter.get("payload")).asString().isEqualTo("{not json}");
    }

    /** Longer than the deadline of 20 s, which is that of a process that runs. */
    @Test
    void theServerEndsATransactionOfAProcessThatStandsStill() {
        POSTGRES.execute("create or replace function limits() returns trigger language plpgsql as $$"
                + " begin new.message := current_setting('statement_timeout') || ' '"
                + " || current_setting('idle_in_transaction_session_timeout'); return new; end $$");
        POSTGRES.execute("create trigger poison before insert on log_event for each row execute function limits()");
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(List.of(events.frameBatch(1)));
        }
        assertThat(POSTGRES.rows("select message from log_event")).containsExactly(Map.of("message", "80s 1min"));
    }

    /** A fifth of a second for each row: as one batch, what waits while the first two are written would take six. */
    @Test
    void batchesAreSmallWhileTheDatabaseTakesRowsSlowly() {
        POSTGRES.execute("create or replace function slow() returns trigger language plpgsql as $$"
                + " begin perform pg_sleep(0.2); return new; end $$");
        POSTGRES.execute("create trigger poison before insert on log_event for each row execute function slow()");
        List<Rows> rows = Stream.generate(this::large).limit(30).toList();
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            assertThat(fixture.write(rows)).allMatch(batch -> batch.bytes() < 2_000_000);
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(30);
    }

    @Test
    void asksNothingOfTheDatabaseForRowsThatWereAllFiltered() {
        Rows filtered =
                new Rows(List.of(), new byte[0], List.of(new Rows.Part(events.delivery(), 0, 1, Map.of(), null)));
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            assertThat(fixture.write(List.of(filtered))).hasSize(1);
        }
        assertThat(events.acks).hasValue(1);
        assertThat(POSTGRES.count("ingest_batch")).isZero();
    }

    @Test
    void storesTheNeighboursOfRefusedRows() {
        POSTGRES.execute("alter table log_event add constraint poison"
                + " check (message not in ('event 7777', 'event 15000'))");
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            assertThat(fixture.write(events.frameBatches(1, 20_000))).hasSize(1);
            assertThat(fixture.refused).hasValue(2);
            assertThat(fixture.deadLetters).hasValue(2);
            assertThat(fixture.resolutions).isEmpty();
        }
        assertExactly(19_998);
        assertThat(events.acks).hasValue(1);
        List<Map<String, Object>> letters = POSTGRES.rows(
                "select *, convert_from(payload, 'UTF8')::jsonb ->> 'message' as message from dead_letter order by message");
        assertThat(letters).extracting("message").containsExactly("event 15000", "event 7777");
        assertThat(letters.getFirst())
                .containsEntry("source", "10.0.0.1")
                .containsEntry("listener", "main")
                .containsEntry("protocol", "syslog")
                .containsEntry("reason", "refused_row");
        assertThat((String) letters.getFirst().get("detail")).contains("23514").contains("poison");
        assertThat(new String((byte[]) letters.getFirst().get("payload"), StandardCharsets.UTF_8))
                .isEqualTo("{\"received_at\":\"2026-11-24T00:00:00Z\",\"event_at\":\"2026-11-24T00:00:00Z\","
                        + "\"severity\":6,\"facility\":1,\"host\":\"host-1\",\"app\":\"payments\","
                        + "\"message\":\"event 15000\",\"attributes\":{\"request\":\"payments\"},"
                        + "\"source\":\"10.0.0.1\",\"listener\":\"main\"}");
    }

    @Test
    void storesTheNeighboursOfRowsThatATriggerRefuses() {
        POSTGRES.execute("create or replace function refuse() returns trigger language plpgsql as $$ begin"
                + " if new.message = 'event 42' then raise exception 'not this one'; end if; return new; end $$");
        POSTGRES.execute("create trigger poison before insert on log_event for each row execute function refuse()");
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(events.frameBatches(10, 10));
        }
        assertExactly(99);
        assertThat(POSTGRES.rows("select detail from dead_letter").getFirst().get("detail"))
                .isEqualTo("not this one [P0001]");
    }

    @Test
    void makesADeadLetterOfEveryRowWhenTheyAreToBlame() {
        POSTGRES.execute("alter table log_event add constraint poison check (message not like 'event%') not valid");
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(events.frameBatches(3, 9));
        }
        assertThat(POSTGRES.count("log_event")).isZero();
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(27);
        assertThat(events.acks).hasValue(3);
    }

    @Test
    void writesDeadLettersOfABatchOnceWhenItsEventsAreRefused() {
        POSTGRES.execute("alter table log_event add constraint poison check (message <> 'event 1') not valid");
        events.encoder().begin(events.delivery());
        events.encoder().reject(RejectReason.OVERSIZE_FRAME, "too long", new byte[] {1, 0, 2}, 0, 3);
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(List.of(events.frameBatch(4)));
        }
        assertExactly(3);
        assertThat(POSTGRES.rows("select reason from dead_letter order by 1"))
                .extracting("reason")
                .containsExactly("oversize_frame", "refused_row");
    }

    @Test
    void hasAMissingPartitionMadeAndLosesNothing() {
        POSTGRES.execute("drop table log_event_ever");
        Mono<Void> make = Mono.<Void>fromRunnable(() -> StoreFixture.makePartition(POSTGRES))
                .subscribeOn(Schedulers.boundedElastic());
        try (StoreFixture fixture =
                new StoreFixture(POSTGRES, POSTGRES.port(), StoreFixture.settings(StoreFixture.LIMIT), make)) {
            fixture.write(events.frameBatches(4, 25));
            assertThat(fixture.partitionCalls).hasPositiveValue();
            assertThat(fixture.retries).contains("missing_partition");
        }
        assertExactly(100);
        assertThat(POSTGRES.count("dead_letter")).isZero();
    }

    @Test
    void haltsWhenMadePartitionsDoNotHelp() {
        POSTGRES.execute("drop table log_event_ever");
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            var written = fixture.start(events.frameBatches(2, 50)).toFuture();
            Await.until(() -> fixture.store.haltedBy().isPresent());
            assertThat(fixture.store.haltedBy().orElseThrow()).contains("No partition of log_event");
            StoreFixture.makePartition(POSTGRES);
            assertThat(written.join()).isNotEmpty();
            assertThat(fixture.store.haltedBy()).isEmpty();
        }
        assertExactly(100);
    }

    @Test
    void haltsWhenPartitionsMayNotBeMade() {
        POSTGRES.execute("drop table log_event_ever");
        Mono<Void> forbidden = Mono.error(new R2dbcPermissionDeniedException("must be owner", "42501"));
        try (StoreFixture fixture =
                new StoreFixture(POSTGRES, POSTGRES.port(), StoreFixture.settings(StoreFixture.LIMIT), forbidden)) {
            var written = fixture.start(events.frameBatches(2, 50)).toFuture();
            Await.until(() -> fixture.store.haltedBy().isPresent());
            assertThat(fixture.store.haltedBy().orElseThrow()).contains("must be owner");
            StoreFixture.makePartition(POSTGRES);
            assertThat(written.join()).isNotEmpty();
        }
        assertExactly(100);
    }

    @Test
    void haltsWhileATableIsMissingAndGoesOnWhenItIsBack() {
        POSTGRES.execute("alter table log_event rename to elsewhere");
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            var written = fixture.start(events.frameBatches(2, 50)).toFuture();
            Await.until(() -> fixture.store.haltedBy().isPresent());
            assertThat(fixture.store.haltedBy().orElseThrow())
                    .contains("log_event")
                    .contains("42P01");
            POSTGRES.execute("alter table elsewhere rename to log_event");
            assertThat(written.join()).isNotEmpty();
            assertThat(fixture.store.haltedBy()).isEmpty();
            assertThat(fixture.retries).contains("halted");
        }
        assertExactly(100);
    }

    @Test
    void blamesNoRowWhenTheLedgerRefusesTheBatch() {
        POSTGRES.execute("alter table ingest_batch add constraint poison check (events = 0)");
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            var written = fixture.start(events.frameBatches(2, 50)).toFuture();
            Await.until(() -> fixture.store.lanes().stream().anyMatch(lane -> lane.state() == LaneState.HALTED));
            POSTGRES.execute("alter table ingest_batch drop constraint poison");
            written.join();
        }
        assertExactly(100);
        assertThat(POSTGRES.count("dead_letter")).isZero();
    }

    @Test
    void keepsADeadLetterThatIsRefusedUntilItIsTaken() {
        POSTGRES.execute("alter table dead_letter add constraint poison check (reason <> 'malformed_json')");
        events.encoder().begin(events.delivery());
        events.encoder().reject(RejectReason.MALFORMED_JSON, "no object", new byte[1], 0, 1);
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            var written = fixture.start(List.of(events.frameBatch(3))).toFuture();
            Await.until(() -> fixture.store.haltedBy().isPresent());
            assertThat(events.acks).hasValue(0);
            POSTGRES.execute("alter table dead_letter drop constraint poison");
            written.join();
        }
        assertExactly(3);
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(1);
    }

    @Test
    void waitsForALockWithoutAnError() throws Exception {
        try (StoreFixture fixture = new StoreFixture(POSTGRES);
                var connection = POSTGRES.connect()) {
            connection.setAutoCommit(false);
            connection.createStatement().execute("lock table log_event in access exclusive mode");
            var written = fixture.start(events.frameBatches(10, 1000)).toFuture();
            Await.pause(3000);
            assertThat(written).isNotDone();
            connection.rollback();
            written.join();
            assertThat(fixture.retries).isEmpty();
        }
        assertExactly(10_000);
    }

    @Test
    void lanesHaveThreadsOfTheirOwnAlsoAfterReconnects() {
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            // First one lane's connection, then the new one of the same lane: taken in turn, its loop would be the
            // other.
            for (String order : List.of("asc", "desc", "desc")) {
                fixture.threads.clear();
                fixture.write(events.frameBatches(100, 1000));
                assertThat(fixture.threads).extracting(Thread::getName).allMatch(name -> name.startsWith("store-test"));
                assertThat(fixture.threads.stream().distinct()).hasSize(2);
                POSTGRES.rows("select pg_terminate_backend(pid) from pg_stat_activity"
                        + " where datname = current_database() and pid <> pg_backend_pid()"
                        + " and backend_type = 'client backend'" // an autovacuum worker may be newer
                        + " order by backend_start " + order + " limit 1");
            }
        }
    }

    @Test
    void reportsTheStateAndTheBusyTimeOfEachLane() {
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            assertThat(fixture.store.lanes()).extracting(LaneStatus::state).containsOnly(LaneState.IDLE);
            fixture.write(events.frameBatches(100, 1000));
            assertThat(fixture.store.lanes()).hasSize(2).allMatch(lane -> lane.busyNanos() > 0);
            fixture.store.close().block(StoreFixture.LIMIT);
            assertThat(fixture.store.lanes()).extracting(LaneStatus::state).containsOnly(LaneState.CLOSED);
        }
    }

    private Rows large() {
        events.encoder().begin(events.delivery());
        return events.fill("x".repeat(200_000));
    }

    private void assertExactly(int count) {
        assertThat(POSTGRES.count("log_event")).isEqualTo(count);
        assertThat(POSTGRES.count("(select distinct message from log_event) as m"))
                .isEqualTo(count);
    }
}
