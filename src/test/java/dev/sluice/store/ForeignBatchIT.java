package dev.sluice.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.store.batch.BatchIds;
import dev.sluice.testing.PostgresExtension;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A copy of a virtual machine, with the state of its random numbers, makes the same ids of batches. */
class ForeignBatchIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private final Events events = new Events();

    @BeforeEach
    void prepare() {
        StoreFixture.prepare(POSTGRES);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anIdThatSomebodyElseCommittedIsNotTakenForOurs(boolean chunk) {
        BatchIds theirs = new BatchIds(() -> 0, 7);
        for (int i = 0; i < 3; i++) {
            POSTGRES.execute("insert into ingest_batch values ('" + theirs.next() + "', now(), 5)");
        }
        POSTGRES.execute("alter table log_event add constraint poison check (message <> 'event 9') not valid");
        events.encoder().begin(events.delivery());
        if (chunk) {
            events.encoder().identity("a".getBytes(UTF_8));
        }
        try (StoreFixture fixture = new StoreFixture(POSTGRES, new BatchIds(() -> 0, 7))) {
            fixture.write(List.of(events.fill(10)));
            assertThat(fixture.retries).containsExactly("taken_id");
            assertThat(fixture.resolutions).isEmpty();
        } finally {
            POSTGRES.execute("alter table log_event drop constraint poison");
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(9);
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(1);
        assertThat(events.acks).hasValue(1);
    }
}
