package dev.sluice.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.LogEvent;
import dev.sluice.event.RejectReason;
import dev.sluice.event.Rows;
import dev.sluice.store.batch.Batch;
import dev.sluice.testing.PostgresExtension;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;

/** A delivery with an id is stored once, however often and whenever it comes. */
class ResentDeliveryIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.dedicated();

    private final Events events = new Events();
    private final LogEvent event = new LogEvent();

    @BeforeEach
    void empty() {
        StoreFixture.prepare(POSTGRES);
    }

    @AfterEach
    void acceptEverything() {
        POSTGRES.execute("alter table log_event drop constraint if exists poison");
    }

    @Test
    void aDeliveryThatWasCommittedIsAcknowledgedAndLeftOut() {
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(List.of(delivery("a", 10)));
            List<Batch> batches = fixture.write(List.of(events.frameBatch(3), delivery("a", 10), delivery("b", 5)));
            assertThat(batches.stream().mapToInt(Batch::duplicateEvents).sum()).isEqualTo(10);
        }
        assertThat(events.acks).hasValue(4);
        assertStored(18);
        assertThat(POSTGRES.count("ingest_delivery")).isEqualTo(2);
        assertLedgerAgrees();
    }

    @Test
    void aDeliveryWithoutRowsIsAcknowledgedAndLeavesNothingInTheLedger() {
        begin("a");
        begin("b");
        add("b", 1);
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(List.of(events.encoder().seal()));
        }
        assertThat(events.acks).hasValue(2);
        assertStored(1);
        assertThat(POSTGRES.count("ingest_delivery")).isEqualTo(1);
    }

    @Test
    void twiceInOneBatchIsStoredOnce() {
        Rows twice = frameBatch("a", "a", "b");
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            Batch batch = fixture.write(List.of(twice)).getFirst();
            assertThat(twice.parts().stream().map(batch::isDuplicate)).containsExactly(false, true, false);
        }
        assertThat(events.acks).hasValue(3);
        assertStored(8);
    }

    @Test
    void twoLanesWithTheSameDeliveriesStoreThemOnce() {
        List<Rows> rows = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            List<String> names = new ArrayList<>(List.of("a" + i / 4, "b" + i / 4, "c" + i / 4));
            Collections.shuffle(names);
            rows.add(frameBatch(names.toArray(String[]::new)));
        }
        Collections.shuffle(rows);
        try (StoreFixture fixture = new StoreFixture(POSTGRES, POSTGRES.port(), smallBatches(), Mono.empty())) {
            fixture.write(rows);
        }
        assertThat(events.acks).hasValue(1200);
        assertThat(POSTGRES.count("ingest_delivery")).isEqualTo(300);
        assertStored(300 * 4);
        assertLedgerAgrees();
    }

    @Test
    void aRefusedRowBecomesADeadLetterInTheTransactionOfItsDelivery() {
        POSTGRES.execute("alter table log_event add constraint poison check (message not in ('a 7', 'a 700'))");
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            Rows rows = delivery("a", 1000);
            fixture.write(List.of(rows));
            assertThat(fixture.refused).hasValue(2);
            assertThat(fixture.deadLetters).hasValue(2);
            Batch again = fixture.write(List.of(rows)).getFirst();
            assertThat(again.isDuplicate(rows.parts().getFirst())).isTrue();
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(998);
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(2);
        assertThat(POSTGRES.count("ingest_batch")).as("one transaction each").isEqualTo(2);
    }

    @Test
    void theDeadLettersOfADeliveryAreLeftOutWithIt() {
        Rows rows = withDeadLetter("a");
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(List.of(rows));
            fixture.write(List.of(rows, events.frameBatch(1)));
        }
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(1);
        assertThat(POSTGRES.count("log_event")).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void whatALostReplyCommittedIsNotTakenForADuplicate(CuttingProxy.Cut cut) throws Exception {
        try (CuttingProxy proxy = new CuttingProxy(POSTGRES.host(), POSTGRES.port(), cut, 2);
                StoreFixture fixture = new StoreFixture(
                        POSTGRES, proxy.port(), StoreFixture.settings(StoreFixture.LIMIT), Mono.empty())) {
            Rows rows = delivery("a", 1000);
            Batch batch = fixture.write(List.of(rows)).getFirst();
            assertThat(batch.isDuplicate(rows.parts().getFirst())).isFalse();
            assertThat(batch.duplicateEvents()).isZero();
        }
        assertStored(1000);
    }

    @Test
    void aLargeDeliveryHasSeveralPiecesAndCanBeTakenBack() {
        events.encoder().begin(events.delivery());
        add("first", 2);
        events.encoder().reject(RejectReason.MALFORMED_FORWARD, "bad", new byte[3], 0, 3);
        events.encoder().beginFrame();
        add("x".repeat(10_000), 400);
        events.encoder().reject(RejectReason.MALFORMED_FORWARD, "bad", new byte[3], 0, 3);
        assertThat(events.encoder().bytes()).isGreaterThan(4_000_000);
        events.encoder().takeBack();
        assertThat(events.encoder().bytes()).isZero();
        add("x".repeat(10_000), 300);
        Rows rows = events.encoder().seal();
        assertThat(rows.pieces()).hasSize(3);
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(List.of(rows));
        }
        assertThat(rows.parts().getFirst().rejected()).containsExactly(Map.entry(RejectReason.MALFORMED_FORWARD, 1));
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(1);
        assertThat(POSTGRES.count("log_event where message like 'first%'")).isEqualTo(2);
        assertStored(302);
    }

    private static StoreSettings smallBatches() {
        StoreSettings some = StoreFixture.settings(StoreFixture.LIMIT);
        return new StoreSettings(
                2,
                24,
                some.maxBytes(),
                some.batchDeadline(),
                some.connectTimeout(),
                some.backoffMin(),
                some.backoffMax(),
                some.haltedRetry(),
                some.ledgerAge());
    }

    private Rows delivery(String name, int count) {
        begin(name);
        add(name, count);
        return events.encoder().seal();
    }

    private Rows frameBatch(String... names) {
        for (String name : names) {
            begin(name);
            add(name, 4);
        }
        return events.encoder().seal();
    }

    private Rows withDeadLetter(String name) {
        begin(name);
        add(name, 2);
        events.encoder().reject(RejectReason.MALFORMED_FORWARD, "bad", new byte[3], 0, 3);
        return events.encoder().seal();
    }

    private void begin(String name) {
        events.encoder().begin(events.delivery());
        events.encoder().identity(name.getBytes(UTF_8));
    }

    private void add(String name, int count) {
        for (int i = 0; i < count; i++) {
            event.reset(Events.TIME);
            event.message().set((name + " " + i).getBytes(UTF_8));
            events.encoder().event(event);
        }
    }

    private static void assertStored(int count) {
        assertThat(POSTGRES.count("log_event")).isEqualTo(count);
        assertThat(POSTGRES.count("(select distinct message from log_event) as m"))
                .isEqualTo(count);
    }

    private static void assertLedgerAgrees() {
        assertThat(POSTGRES.count(
                        "(select 1 from ingest_batch having sum(events) = (select count(*) from log_event)) as t"))
                .isEqualTo(1);
    }
}
