package dev.sluice.listen.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PatienceTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final Patience patience = new Patience(Duration.ofSeconds(10), 0);

    @Test
    void whoOwesSomethingHasTheLimit() {
        assertThat(looksUntilOver(SECOND, 0)).isEqualTo(10);
    }

    @Test
    void timeInWhichNobodyLookedIsNotTheShippers() {
        assertThat(looksUntilOver(3600 * SECOND, 0)).isEqualTo(10);
    }

    @Test
    void whoGoesOnHasThreeTimesTheLimit() {
        assertThat(looksUntilOver(SECOND, 1000)).isEqualTo(30);
    }

    @Test
    void aLookAtWhichSomethingHadComeCountsAThird() {
        assertThat(looksUntilOver(SECOND, 6)).isEqualTo(14);
    }

    @Test
    void withoutALimitItNeverEnds() {
        Patience endless = new Patience(Duration.ZERO, 0);
        assertThat(endless.isOver(1_000_000 * SECOND, false)).isFalse();
    }

    private int looksUntilOver(long everyNanos, int active) {
        int looks = 1;
        while (!patience.isOver(looks * everyNanos, looks <= active)) {
            looks++;
        }
        return looks;
    }
}
