package dev.sluice.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplayRequestTest {

    @Test
    void whatIsNotSaidIsEverything() {
        ReplayRequest request = ReplayRequest.of(Map.of());
        assertThat(request.filter().columns()).isEmpty();
        assertThat(request.filter().since()).isNull();
        assertThat(request.filter().until()).isNull();
        assertThat(request.filter().limit()).isEqualTo(Long.MAX_VALUE);
        assertThat(request.examples()).isEqualTo(10);
    }

    @Test
    void columnsTimesAndNumbersAreRead() {
        ReplayRequest request = ReplayRequest.of(Map.of(
                "reason",
                "routed",
                "source",
                "o'hara",
                "since",
                "2026-11-28",
                "until",
                "2026-11-28T20:15:00+01:00",
                "limit",
                "7"));
        assertThat(request.filter().columns()).isEqualTo(Map.of("reason", "routed", "source", "o'hara"));
        assertThat(request.filter().since()).isEqualTo(Instant.parse("2026-11-28T00:00:00Z"));
        assertThat(request.filter().until()).isEqualTo(Instant.parse("2026-11-28T19:15:00Z"));
        assertThat(request.filter().limit()).isEqualTo(7);
    }

    @ParameterizedTest
    @CsvSource({
        "reson, routed, reson is unknown",
        "source, '', source has no value",
        "since, yesterday, 'since is \"yesterday\", expected a time'",
        "limit, 0, 'limit is 0, expected at least 1'",
        "limit, many, 'limit is \"many\", expected a number'",
        "examples, 101, 'examples is 101, expected 0 to 100'",
        "id, 7, 'id is \"7\", expected a UUID'"
    })
    void mistakesAreSaid(String name, String value, String said) {
        assertThatThrownBy(() -> ReplayRequest.of(Map.of(name, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(said);
    }

    @Test
    void aTimeThatEndsBeforeItBeginsIsAMistake() {
        assertThatThrownBy(() -> ReplayRequest.of(Map.of("since", "2026-11-28", "until", "2026-11-28")))
                .hasMessage("since is not before until");
    }
}
