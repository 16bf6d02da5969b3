package dev.sluice.store.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostSearchTest {

    @ParameterizedTest
    @ValueSource(strings = {"57014", "53200", "53100", "40001", "55P03", "58030", "57P01", "08006"})
    void aServerThatCouldNotTellItsTimelineJustNowIsAskedAgain(String state) {
        assertThat(HostSearch.mayTellLater(failure(state))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"42501", "42883", "0A000", "55000", "XX000"})
    void aServerThatNeverTellsIsTakenAsItIs(String state) {
        assertThat(HostSearch.mayTellLater(failure(state))).isFalse();
    }

    @Test
    void anAnswerThatIsNoTimelineIsNone() {
        assertThat(HostSearch.mayTellLater(new NumberFormatException("not hexadecimal")))
                .isFalse();
    }

    private static R2dbcException failure(String state) {
        return new R2dbcNonTransientResourceException("not now", state);
    }
}
