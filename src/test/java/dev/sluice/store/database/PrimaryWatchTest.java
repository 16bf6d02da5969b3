package dev.sluice.store.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PrimaryWatchTest {

    @ParameterizedTest
    @CsvSource({
        // silent, since the last look, several hosts, due
        "0,  9, true,  false",
        "0, 10, true,  true",
        "0, 99, false, false",
        "1, 99, false, false",
        "2, 99, false, true",
        "2,  1, true,  false",
        "9,  2, true,  true",
    })
    void looksWhileALaneIsLeftWithoutAnAnswerAndNowAndThenWhenThereAreSeveralHosts(
            int silent, int sinceLook, boolean several, boolean due) {
        assertThat(PrimaryWatch.isDue(Duration.ofSeconds(silent), Duration.ofSeconds(sinceLook), several))
                .isEqualTo(due);
    }
}
