package dev.sluice.store.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BatchLimitsTest {

    private static final long MB = 1 << 20;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private static final int EVENTS_MAX = 20_000;
    private static final long BYTES_MAX = 8 * MB;
    private final BatchLimits limits = new BatchLimits(EVENTS_MAX, BYTES_MAX);

    @Test
    void isWhatTheSettingsSayUntilSomethingWasStored() {
        assertThat(limits.maxBytes()).isEqualTo(BYTES_MAX);
        assertThat(limits.maxEvents()).isEqualTo(EVENTS_MAX);
    }

    @Test
    void aBatchIsWhatASlowDatabaseTakesInAFifthOfASecond() {
        limits.committed(8 * MB, SECOND, SECOND / 100);
        assertThat(limits.maxBytes()).isBetween(8 * MB / 5 - 1, 8 * MB / 5 + 1);
    }

    @Test
    void whatTheTransactionTakesBesidesStaysSmall() {
        limits.committed(2 * MB, SECOND, SECOND / 4);
        assertThat(limits.maxBytes()).isBetween(4 * MB - 1, 4 * MB + 1);
    }

    @Test
    void aFastDatabaseGetsAllThatTheSettingsAllow() {
        limits.committed(MB, SECOND, 0);
        limits.committed(MB, SECOND / 1000, 0);
        assertThat(limits.maxBytes()).isEqualTo(BYTES_MAX);
    }

    @Test
    void aPauseOfTheDatabaseIsForgottenWithTheNextBatch() {
        limits.committed(MB, 60 * SECOND, 0);
        assertThat(limits.maxBytes()).isEqualTo(BatchLimits.BYTES_MIN);
        limits.committed(BatchLimits.BYTES_MIN / 2, SECOND / 1000, 0);
        assertThat(limits.maxBytes()).isEqualTo(BYTES_MAX);
    }

    @Test
    void aSmallBatchSaysNothingOfThePace() {
        limits.committed(1000, SECOND, 0);
        assertThat(limits.maxBytes()).isEqualTo(BYTES_MAX);
    }
}
