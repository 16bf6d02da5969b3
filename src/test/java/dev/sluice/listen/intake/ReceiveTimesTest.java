package dev.sluice.listen.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ReceiveTimesTest {

    private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

    private final ReceiveTimes times = new ReceiveTimes();

    @Test
    void eventsOfOneMomentFollowEachOther() {
        long first = times.take(NOW, 3);

        assertThat(first).isEqualTo(micros(NOW));
        assertThat(times.take(NOW, 1)).isEqualTo(first + 3);
    }

    @Test
    void clockThatGoesBackByMomentsKeepsTheOrder() {
        long first = times.take(NOW, 1);

        assertThat(times.take(NOW.minusMillis(900), 1)).isEqualTo(first + 1);
    }

    @Test
    void clockThatWasHoursAheadForAMomentIsNotFollowedForEver() {
        times.take(NOW.plus(Duration.ofHours(5)), 100);

        assertThat(times.take(NOW, 1)).isEqualTo(micros(NOW));
        assertThat(times.take(NOW, 1)).isEqualTo(micros(NOW) + 1);
    }

    private static long micros(Instant instant) {
        return instant.toEpochMilli() * 1000;
    }
}
