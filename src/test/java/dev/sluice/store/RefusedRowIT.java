package dev.sluice.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.RejectReason;
import dev.sluice.event.Rows;
import dev.sluice.store.batch.Batch;
import dev.sluice.store.failure.WriteFailureTest;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/**
 * Who is blamed when the database refuses: the row, whatever the code says, or the table, when it refuses every row.
 */
class RefusedRowIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private static final int NEIGHBOURS = 4;

    private final Events events = new Events();

    @BeforeEach
    void prepare() {
        StoreFixture.prepare(POSTGRES);
        POSTGRES.execute("""
                create or replace function refuse() returns trigger language plpgsql as $$ begin
                    if new.message like 'poison %' then
                        raise exception 'refused' using errcode = substr(new.message, 8, 5), table = 'ingest_batch';
                    end if;
                    return new;
                end $$""");
    }

    @AfterEach
    void acceptEverything() {
        POSTGRES.execute("drop trigger if exists refuse on log_event");
        POSTGRES.execute("drop trigger if exists poison on dead_letter");
        POSTGRES.execute("alter table log_event drop column if exists tenant");
        POSTGRES.execute("alter table log_event drop constraint if exists poison");
        POSTGRES.execute("alter table dead_letter drop constraint if exists poison");
    }

    /** Each code in a batch of its own. */
    @Test
    void aRowIsADeadLetterWhateverCodeATriggerGivesIt() throws Exception {
        List<String> codes = WriteFailureTest.codes();
        POSTGRES.execute("create trigger refuse before insert on log_event for each row execute function refuse()");
        storesTheNeighboursOf(codes, this::frameBatch);
    }

    @Test
    void aRowOfAChunkIsADeadLetterWhateverCodeATriggerGivesIt() throws Exception {
        List<String> codes = WriteFailureTest.codes();
        POSTGRES.execute("create trigger refuse before insert on log_event for each row execute function refuse()");
        storesTheNeighboursOf(codes, this::chunk);
    }

    /** Such a trigger runs within COMMIT. */
    @ParameterizedTest
    @ValueSource(strings = {"23514", "P0001", "42P01", "40001", "53100", "57014", "57P01", "58030", "08006", "XX000"})
    void aRowIsADeadLetterAlsoWhenItIsRefusedAtTheCommit(String code) {
        POSTGRES.execute("create constraint trigger refuse after insert on log_event deferrable initially deferred"
                + " for each row execute function refuse()");
        storesTheNeighboursOf(List.of(code), this::frameBatch);
    }

    @ParameterizedTest
    @ValueSource(strings = {"23502", "P0001", "40001"})
    void aFloodOfBadRowsHaltsNobody(String code) {
        POSTGRES.execute("create trigger refuse before insert on log_event for each row execute function refuse()");
        String[] bad =
                IntStream.range(0, 40).mapToObj(i -> "poison " + code + " " + i).toArray(String[]::new);
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(List.of(events.frameBatchOf(bad), chunkOf(bad), events.frameBatch(5)));
            assertThat(fixture.retries).doesNotContain("halted");
        }
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(80);
        assertThat(POSTGRES.count("log_event")).isEqualTo(5);
    }

    /** A new column that nobody fills is a mistake of the schema, and no row's fault. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void haltsWhenTheTableTakesNoRowAndGoesOnWhenItIsRepaired(boolean chunks) {
        int before = 0;
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            if (chunks) {
                before = 50;
                fixture.write(List.of(events.frameBatch(before)));
            }
            POSTGRES.execute("alter table log_event add column tenant text not null default ''");
            POSTGRES.execute("alter table log_event alter column tenant drop default");
            List<Rows> rows = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                rows.add(
                        chunks
                                ? chunkOf("a " + i, "b " + i, "c " + i)
                                : events.frameBatchOf("a " + i, "b " + i, "c " + i));
            }
            CompletableFuture<List<Batch>> written = fixture.start(rows).toFuture();
            Await.until(() -> fixture.store.haltedBy().isPresent() || written.isDone());
            assertThat(fixture.store.haltedBy().orElse("")).contains("tenant", "23502", "no row at all");
            Await.until(() -> fixture.retries.stream().filter("halted"::equals).count() > 4);
            assertThat(POSTGRES.count("dead_letter")).isLessThanOrEqualTo(2L * TableProbe.REFUSALS_MAX);
            POSTGRES.execute("alter table log_event alter column tenant set default ''");
            written.join();
            assertThat(fixture.store.haltedBy()).isEmpty();
        }
        assertThat(POSTGRES.count("log_event") + POSTGRES.count("dead_letter")).isEqualTo(300 + before);
    }

    /** What the row's own words are not to blame for: the plain form has none. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDeadLetterThatIsRefusedForItsWordsIsStoredInPlainOnes(boolean chunk) {
        POSTGRES.execute(
                "alter table dead_letter add constraint poison check (detail ~ '^[ -~]*$' and length(detail) < 300)");
        if (chunk) {
            begin("a");
        } else {
            events.encoder().begin(events.delivery());
        }
        events.encoder().reject(RejectReason.MALFORMED_JSON, "naïve\n" + "…".repeat(400), "äö".getBytes(UTF_8), 0, 4);
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(List.of(events.fill(3)));
            assertThat(fixture.retries).doesNotContain("halted");
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(3);
        var letter = POSTGRES.rows("select * from dead_letter").getFirst();
        assertThat(letter).containsEntry("reason", "malformed_json").containsEntry("source", "10.0.0.1");
        assertThat((String) letter.get("detail")).startsWith("na??ve?").hasSize(200);
        assertThat((byte[]) letter.get("payload")).isEqualTo("äö".getBytes(UTF_8));
    }

    private interface Maker {
        Rows make(String... messages);
    }

    private void storesTheNeighboursOf(List<String> codes, Maker maker) {
        List<Rows> rows = new ArrayList<>();
        for (String code : codes) {
            rows.add(maker.make("a " + code, "b " + code, "poison " + code, "c " + code, "d " + code));
        }
        StoreSettings some = StoreFixture.settings(StoreFixture.LIMIT);
        StoreSettings each = new StoreSettings(
                2,
                NEIGHBOURS + 1,
                some.maxBytes(),
                some.batchDeadline(),
                some.connectTimeout(),
                Duration.ofMillis(1),
                Duration.ofMillis(4),
                some.haltedRetry(),
                some.ledgerAge());
        try (StoreFixture fixture = new StoreFixture(POSTGRES, POSTGRES.port(), each, Mono.empty())) {
            assertThat(fixture.start(rows).block(Duration.ofMinutes(3))).hasSize(codes.size());
            assertThat(fixture.refused).hasValue(codes.size());
            assertThat(fixture.retries).doesNotContain("halted");
        }
        assertThat(events.acks).hasValue(codes.size());
        assertThat(POSTGRES.count("log_event")).isEqualTo((long) NEIGHBOURS * codes.size());
        assertThat(POSTGRES.rows("select substr(convert_from(payload, 'UTF8')::jsonb ->> 'message', 8) as code"
                        + " from dead_letter where detail like 'refused [%' order by 1"))
                .extracting(row -> (Object) row.get("code"))
                .isEqualTo(codes);
    }

    private Rows frameBatch(String... messages) {
        return events.frameBatchOf(messages);
    }

    private Rows chunk(String... messages) {
        return chunkOf(messages);
    }

    private Rows chunkOf(String... messages) {
        begin(messages[0]);
        return events.fill(messages);
    }

    private void begin(String name) {
        events.encoder().begin(events.delivery());
        events.encoder().identity(name.getBytes(UTF_8));
    }
}
