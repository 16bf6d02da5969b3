package dev.sluice.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Rows;
import dev.sluice.store.batch.Batch;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A trigger of the database's owner that refuses also the row of our own by which a table is judged. */
class RefusedProbeIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private static final int BAD = 3 * TableProbe.REFUSALS_MAX;

    private final Events events = new Events();

    @BeforeEach
    void prepare() {
        StoreFixture.prepare(POSTGRES);
    }

    @AfterEach
    void acceptEverything() {
        POSTGRES.execute("drop trigger if exists refuse on log_event");
    }

    /** Nothing else is known of the table than that it takes some of these rows. */
    @ParameterizedTest
    @CsvSource({"SL001,false", "42501,false", "P0001,false", "SL001,true", "42501,true", "P0001,true"})
    void theOtherRowsOfTheBatchSpeakForTheTable(String code, boolean chunk) {
        refuse(code);
        String[] messages = Stream.concat(
                        IntStream.range(0, BAD).mapToObj(i -> "poison " + i),
                        IntStream.range(0, BAD).mapToObj(i -> "good " + i))
                .toArray(String[]::new);
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            finish(fixture, rows(chunk, messages));
        }
        assertStored(BAD);
    }

    /** After a start, for example. */
    @ParameterizedTest
    @ValueSource(strings = {"SL001", "42501", "P0001"})
    void theRowsOfTheTableSpeakForIt(String code) {
        try (StoreFixture before = new StoreFixture(POSTGRES)) {
            before.write(events.frameBatches(1, 5));
        }
        refuse(code);
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            finish(fixture, rows(false, bad()));
        }
        assertStored(5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SL001", "42501", "P0001"})
    void whatOneLaneHasStoredSpeaksForTheTableInTheOther(String code) {
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(events.frameBatches(1, 5));
            POSTGRES.execute("truncate log_event");
            refuse(code);
            for (int lane = 0; lane < 2; lane++) {
                finish(fixture, rows(false, bad()));
                POSTGRES.execute("truncate log_event");
            }
        }
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(2 * BAD);
    }

    private static void refuse(String code) {
        POSTGRES.execute("create or replace function refuse_probe() returns trigger language plpgsql as $$ begin"
                + " if new.host = 'sluice' or new.message like 'poison %' then"
                + " raise exception 'refused' using errcode = '" + code + "'; end if; return new; end $$");
        POSTGRES.execute(
                "create trigger refuse before insert on log_event for each row execute function refuse_probe()");
    }

    private static void finish(StoreFixture fixture, Rows rows) {
        CompletableFuture<List<Batch>> written = fixture.start(List.of(rows)).toFuture();
        Await.until(() -> written.isDone() || fixture.store.haltedBy().isPresent());
        assertThat(fixture.store.haltedBy()).isEmpty();
        assertThat(fixture.retries).doesNotContain("halted");
        written.join();
    }

    private static void assertStored(int good) {
        assertThat(POSTGRES.count("log_event")).isEqualTo(good);
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(BAD);
    }

    private static String[] bad() {
        return IntStream.range(0, BAD).mapToObj(i -> "poison " + i).toArray(String[]::new);
    }

    private Rows rows(boolean chunk, String... messages) {
        events.encoder().begin(events.delivery());
        if (chunk) {
            events.encoder().identity("a".getBytes(UTF_8));
        }
        return events.fill(messages);
    }
}
