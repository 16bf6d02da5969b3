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
    void besideAFloodABatchIsWhatItTakesInATwentiethOfASecond() {
        limits.shared(true);
        limits.committed(8 * MB, SECOND, SECOND / 1000);
        assertThat(limits.maxBytes()).isBetween(8 * MB / 20 - 1, 8 * MB / 20 + 1);
        limits.shared(false);
        limits.committed(8 * MB / 20, SECOND / 20, SECOND / 1000);
        assertThat(limits.maxBytes()).as("a quarter more").isBetween(MB / 2 - 1, MB / 2 + 1);
    }

    /** Else a busy machine, whose BEGIN takes 10 ms, gives the flood batches as large as ever. */
    @Test
    void besideAFloodABatchTakesTwiceWhatTheTransactionTakesBesides() {
        limits.shared(true);
        limits.committed(2 * MB, SECOND, SECOND / 4);
        assertThat(limits.maxBytes()).isBetween(MB - 1, MB + 1);
    }

    @Test
    void aFastDatabaseGetsAllThatTheSettingsAllow() {
        limits.committed(MB, SECOND, 0);
        commitFast(20);
        assertThat(limits.maxBytes()).isEqualTo(BYTES_MAX);
    }

    /** A disk that was idle takes one batch fast and not the next: with all of the growth at once they take turns. */
    @Test
    void aBatchIsAtMostAQuarterLargerThanTheOneBefore() {
        limits.committed(MB, SECOND, 0);
        commitFast(1);
        assertThat(limits.maxBytes()).isEqualTo(BatchLimits.BYTES_MIN * 5 / 4);
    }

    @Test
    void aPauseOfTheDatabaseIsForgottenAfterAFewBatches() {
        limits.committed(MB, 60 * SECOND, 0);
        assertThat(limits.maxBytes()).isEqualTo(BatchLimits.BYTES_MIN);
        commitFast(16);
        assertThat(limits.maxBytes()).isEqualTo(BYTES_MAX);
    }

    @Test
    void aSmallBatchSaysNothingOfThePace() {
        limits.committed(1000, SECOND, 0);
        assertThat(limits.maxBytes()).isEqualTo(BYTES_MAX);
    }

    private void commitFast(int times) {
        for (int i = 0; i < times; i++) {
            limits.committed(BatchLimits.BYTES_MIN, SECOND / 1000, 0);
        }
    }
}
