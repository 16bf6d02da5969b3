package dev.sluice.listen.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LifetimeTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    /** When this connection began. */
    private static final long BEGIN = 7 * SECOND;

    @Test
    void withoutLimitsItIsNeverOver() {
        Lifetime lifetime = new Lifetime(Limits.Times.UNLIMITED, BEGIN, 0);
        assertThat(lifetime.over(BEGIN + 1_000_000 * SECOND, true, true, BEGIN)).isNull();
    }

    @Test
    void itsAgeIsDrawnFromTheLastFifthOfTheLimit() {
        assertThat(ageReached(0, 79)).isFalse();
        assertThat(ageReached(0, 80)).isTrue();
        assertThat(ageReached(0.5, 89)).isFalse();
        assertThat(ageReached(0.5, 91)).isTrue();
        assertThat(ageReached(1, 99)).isFalse();
        assertThat(ageReached(1, 100)).isTrue();
    }

    private static boolean ageReached(double lot, int seconds) {
        Limits.Times times = new Limits.Times(Duration.ZERO, Duration.ZERO, Duration.ofSeconds(100));
        Lifetime lifetime = new Lifetime(times, BEGIN, lot);
        return lifetime.over(BEGIN + seconds * SECOND, false, false, BEGIN) == CloseReason.MAX_AGE;
    }

    @Test
    void theFirstByteIsWaitedForOnlyUntilItCame() {
        Lifetime lifetime =
                new Lifetime(new Limits.Times(Duration.ofSeconds(5), Duration.ZERO, Duration.ZERO), BEGIN, 0);
        assertThat(lifetime.over(BEGIN + 4 * SECOND, true, true, BEGIN)).isNull();
        assertThat(lifetime.over(BEGIN + 5 * SECOND, true, true, BEGIN)).isEqualTo(CloseReason.FIRST_BYTE_TIMEOUT);
        assertThat(lifetime.over(BEGIN + 5000 * SECOND, false, true, BEGIN)).isNull();
    }

    @Test
    void itIsIdleWhenItHasBeenFreeToSendForLong() {
        Lifetime lifetime =
                new Lifetime(new Limits.Times(Duration.ZERO, Duration.ofSeconds(5), Duration.ZERO), BEGIN, 0);
        assertThat(lifetime.over(BEGIN + 14 * SECOND, false, true, BEGIN + 10 * SECOND))
                .isNull();
        assertThat(lifetime.over(BEGIN + 16 * SECOND, false, false, BEGIN + 10 * SECOND))
                .isNull();
        assertThat(lifetime.over(BEGIN + 21 * SECOND, false, true, BEGIN + 16 * SECOND))
                .isEqualTo(CloseReason.IDLE_TIMEOUT);
    }

    @Test
    void theTimeThatItWaitsForAnAnswerIsNotItsSilence() {
        Lifetime lifetime =
                new Lifetime(new Limits.Times(Duration.ZERO, Duration.ofSeconds(5), Duration.ZERO), BEGIN, 0);
        assertThat(lifetime.over(BEGIN + 60 * SECOND, false, false, BEGIN)).isNull();
        assertThat(lifetime.over(BEGIN + 61 * SECOND, false, true, BEGIN)).isNull();
        assertThat(lifetime.over(BEGIN + 65 * SECOND, false, true, BEGIN)).isEqualTo(CloseReason.IDLE_TIMEOUT);
    }
}
