package dev.sluice.store.schema;

import static dev.sluice.store.schema.KeeperFixture.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.store.Events;
import dev.sluice.store.StoreFixture;
import dev.sluice.testing.PostgresExtension;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Rows whose time no partition is made for ahead: a clock was wrong for a moment, or they waited for long. */
final class WrongClockIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared().empty();

    private final KeeperFixture keeping = new KeeperFixture(POSTGRES);
    private final Events events = new Events();
    private final Instant now = Instant.now();

    @BeforeEach
    void freshTables() throws InterruptedException {
        keeping.freshTables();
        keeping.keeper(now).runWhenPossible().block(LIMIT);
    }

    @Test
    void rowsOfAMomentFarAheadAndRowsThatWaitedLongerThanRetentionAreStored() {
        Instant ahead = now.plus(40, ChronoUnit.DAYS);
        Instant waited = now.minus(90, ChronoUnit.DAYS);
        assertStored(ahead, waited);
        assertThat(POSTGRES.count("log_event where received_at > now() + interval '39 days'"))
                .isEqualTo(50);
        assertThat(POSTGRES.count("log_event where received_at < now() - interval '89 days'"))
                .isEqualTo(50);
    }

    @Test
    void rowsOfATimeThatCannotBeMeantAreStampedAnew() {
        assertStored(Instant.EPOCH, Instant.parse("2261-01-01T00:00:00Z"));
        assertThat(POSTGRES.count("log_event where abs(extract(epoch from received_at - now())) < 600"))
                .isEqualTo(150);
        assertThat(POSTGRES.count("log_event where event_at <> received_at"))
                .as("the time of an event that has none of its own")
                .isZero();
        assertThat(POSTGRES.rows("select count(distinct received_at) as n from log_event where message >= 'event 0'")
                        .getFirst()
                        .get("n"))
                .isEqualTo(101L); // those of the present were all sent with one time
    }

    private void assertStored(Instant one, Instant other) {
        try (StoreFixture fixture = new StoreFixture(POSTGRES, keeping.keeper(now))) {
            fixture.write(List.of(
                    events.frameBatchAt(one, 50), events.frameBatchAt(now, 50), events.frameBatchAt(other, 50)));
            assertThat(fixture.store.haltedBy()).isEmpty();
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(150);
        assertThat(POSTGRES.rows("select count(distinct message) as n from log_event"))
                .extracting("n")
                .containsExactly(150L);
        assertThat(POSTGRES.count("dead_letter")).isZero();
        assertThat(events.acks).hasValue(3);
    }
}
