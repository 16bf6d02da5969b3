package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.store.batch.Batch;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Columns that the database's owner changed or added while Sluice writes. */
class ChangedColumnIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private final Events events = new Events();

    /** The owner has to drop it before another type. */
    @BeforeAll
    static void dropTheView() {
        POSTGRES.execute("drop view logs cascade");
    }

    @BeforeEach
    void prepare() {
        StoreFixture.prepare(POSTGRES);
    }

    @AfterEach
    void changeItBack() {
        POSTGRES.execute("drop trigger if exists parse on log_event");
        POSTGRES.execute("alter table log_event drop column if exists document");
    }

    /** A column of text would take a jsonb with the byte of its version, and no reader could parse it. */
    @ParameterizedTest
    @CsvSource({"text, 0, jsonb_typeof(text)", "json, 10, 22P02"})
    void attributesOfAnotherTypeHaltTheServiceAndNothingOfThemIsGarbage(String type, int lettersMax, String reason) {
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(events.frameBatches(1, 20));
            alter(type);
            CompletableFuture<List<Batch>> written =
                    fixture.start(events.frameBatches(1, 20)).toFuture();
            Await.until(() -> written.isDone() || fixture.store.haltedBy().isPresent());
            assertThat(written).as("acknowledged").isNotDone();
            assertThat(fixture.store.haltedBy().orElse("")).contains(reason);
            alter("jsonb");
            written.join();
            assertThat(fixture.store.haltedBy()).isEmpty();
            assertThat(fixture.deadLetters.get()).isLessThanOrEqualTo(lettersMax);
        }
        assertThat(events.acks).hasValue(2);
        assertThat(POSTGRES.count("log_event where jsonb_typeof(attributes) = 'object'")
                        + POSTGRES.count("dead_letter"))
                .isEqualTo(40);
    }

    /** The lanes wait for its lock, with rows that they encoded before. */
    @Test
    void aChangeUnderLoadLeavesNoGarbage() {
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            CompletableFuture<List<Batch>> written =
                    fixture.start(events.frameBatches(1000, 100)).toFuture();
            Await.until(() -> POSTGRES.count("ingest_batch") > 3);
            alter("text");
            Await.until(() -> fixture.store.haltedBy().isPresent());
            alter("jsonb");
            written.join();
            assertThat(fixture.refused).hasValue(0);
        }
        assertThat(events.acks).hasValue(1000);
        assertThat(POSTGRES.count("log_event where jsonb_typeof(attributes) = 'object'"))
                .isEqualTo(100_000);
    }

    @Test
    void aTextThatIsNoXmlForAnAddedColumnBlamesItsRowAlone() {
        POSTGRES.execute("alter table log_event add document xml not null default '<none/>'");
        POSTGRES.execute("create or replace function parse() returns trigger language plpgsql as $$ begin"
                + " new.document := xmlparse(document new.message); return new; end $$");
        POSTGRES.execute("create trigger parse before insert on log_event for each row execute function parse()");
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(List.of(events.frameBatchOf("<a/>", "<b>", "<c/>")));
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(2);
        assertThat(POSTGRES.count("dead_letter where detail like '%[2200M]%'")).isEqualTo(1);
    }

    @Test
    void aGeneratedColumnIsFilledAndAValueThatItDoesNotTakeBlamesItsRowAlone() {
        POSTGRES.execute("alter table log_event add document bigint generated always as (message::bigint) stored");
        try (StoreFixture fixture = new StoreFixture(POSTGRES)) {
            fixture.write(List.of(events.frameBatchOf("1", "two", "3")));
        }
        assertThat(POSTGRES.count("log_event where document in (1, 3)")).isEqualTo(2);
        assertThat(POSTGRES.count("dead_letter where detail like '%[22P02]%'")).isEqualTo(1);
    }

    private static void alter(String type) {
        POSTGRES.execute("alter table log_event alter column attributes type " + type + " using attributes::" + type);
    }
}
