package dev.sluice.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.RejectReason;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** What triggers and settings of the database's owner do to what was sent, and that it is noticed. */
class OwnersTriggerIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private final Events events = new Events();

    @BeforeEach
    void prepare() {
        StoreFixture.prepare(POSTGRES);
        POSTGRES.execute("create or replace function swallow() returns trigger language plpgsql as"
                + " $$ begin return null; end $$");
        POSTGRES.execute("create or replace function forbid() returns trigger language plpgsql as"
                + " $$ begin raise exception 'no' using errcode = '22000'; end $$");
    }

    @AfterEach
    void removeTriggers() {
        for (String table : List.of("log_event", "dead_letter", "ingest_batch", "ingest_delivery")) {
            POSTGRES.execute("drop trigger if exists owners on " + table);
        }
        POSTGRES.execute("alter role " + POSTGRES.user() + " reset all");
    }

    /** Also those of a chunk, of which others are refused. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void rowsThatATriggerSwallowsAreCounted(boolean chunk) {
        on("log_event", "insert", "when (new.message ~ '[1-5]$') execute function swallow()");
        POSTGRES.execute("alter table log_event add constraint poison check (message <> 'event 9') not valid");
        if (chunk) {
            begin("a");
        } else {
            events.encoder().begin(events.delivery());
        }
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(List.of(events.fill(200)));
            assertThat(fixture.suppressed).hasValue(100);
            assertThat(fixture.refused).as("not stored as events").hasValue(101);
            assertThat(fixture.deadLetters).hasValue(1);
        } finally {
            POSTGRES.execute("alter table log_event drop constraint poison");
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(99);
        assertThat(events.acks).hasValue(1);
    }

    @Test
    void deadLettersThatATriggerSwallowsAreCounted() {
        on("dead_letter", "insert", "execute function swallow()");
        events.encoder().begin(events.delivery());
        events.encoder().reject(RejectReason.MALFORMED_JSON, "no object", new byte[1], 0, 1);
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(List.of(events.fill(3)));
            assertThat(fixture.suppressedDeadLetters).hasValue(1);
            assertThat(fixture.suppressed).hasValue(0);
        }
    }

    /** Without its rows a retry would store twice, and a new chunk would be taken for an old one. */
    @ParameterizedTest
    @ValueSource(strings = {"ingest_batch", "ingest_delivery"})
    void acknowledgesNothingWhenTheLedgerKeepsNoRows(String table) {
        on(table, "insert", "execute function swallow()");
        begin("a");
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            var written = fixture.start(List.of(events.fill(10))).toFuture();
            Await.until(() -> written.isDone() || fixture.store.haltedBy().isPresent());
            assertThat(events.acks).hasValue(0);
            assertThat(fixture.store.haltedBy().orElse("")).contains(table);
            POSTGRES.execute("drop trigger owners on " + table);
            written.join();
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(10);
        assertThat(POSTGRES.count("ingest_delivery")).isEqualTo(1);
    }

    /** What was committed already cannot be refused any more, whatever is wrong with making sure of it. */
    @Test
    void storesOnceWhenWhatWasCommittedCannotBeConfirmed() throws Exception {
        on("ingest_batch", "update", "execute function forbid()");
        try (CuttingProxy proxy = new CuttingProxy(POSTGRES.host(), POSTGRES.port(), CuttingProxy.Cut.BEFORE_REPLY, 1);
                StoreFixture fixture = new StoreFixture(
                        POSTGRES, proxy.port(), StoreFixture.settings(StoreFixture.LIMIT), Mono.empty())) {
            var written = fixture.start(events.frameBatches(1, 10)).toFuture();
            Await.until(() -> fixture.store.haltedBy().isPresent() || written.isDone());
            assertThat(events.acks).hasValue(0);
            POSTGRES.execute("drop trigger owners on ingest_batch");
            written.join();
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(10);
        assertThat(POSTGRES.count("dead_letter")).isZero();
    }

    @Test
    void theTimeoutsOfTheRoleDoNotEndABatch() {
        for (String name : List.of("statement_timeout", "lock_timeout", "transaction_timeout")) {
            POSTGRES.execute("alter role " + POSTGRES.user() + " set " + name + " = '300ms'");
        }
        POSTGRES.execute("create or replace function slow() returns trigger language plpgsql as"
                + " $$ begin perform pg_sleep(0.2); return new; end $$");
        on("log_event", "insert", "execute function slow()");
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(events.frameBatches(1, 5));
            assertThat(fixture.retries).isEmpty();
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(5);
    }

    @Test
    void aRoleThatDoesNotWaitForTheDiskIsSaid() {
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(events.frameBatches(1, 1));
            assertThat(fixture.synchronous).containsOnly(true);
        }
        POSTGRES.execute("alter role " + POSTGRES.user() + " set synchronous_commit = off");
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(events.frameBatches(1, 1));
            assertThat(fixture.synchronous).containsOnly(false);
        }
    }

    private static void on(String table, String event, String rest) {
        POSTGRES.execute("create trigger owners before " + event + " on " + table + " for each row " + rest);
    }

    private void begin(String name) {
        events.encoder().begin(events.delivery());
        events.encoder().identity(name.getBytes(UTF_8));
    }
}
