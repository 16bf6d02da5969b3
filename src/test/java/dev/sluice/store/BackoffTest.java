package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private static final Duration MIN = Duration.ofMillis(100);
    private static final Duration MAX = Duration.ofSeconds(5);

    @Test
    void doublesUpToTheLimit() {
        Backoff longest = new Backoff(MIN, MAX, () -> 1.0);
        assertThat(longest.after(1)).hasMillis(100);
        assertThat(longest.after(2)).hasMillis(200);
        assertThat(longest.after(6)).hasMillis(3200);
        assertThat(longest.after(7)).hasMillis(5000);
        assertThat(longest.after(Integer.MAX_VALUE)).hasMillis(5000);
    }

    @Test
    void halfOfAWaitIsRandom() {
        assertThat(new Backoff(MIN, MAX, () -> 0.0).after(2)).hasMillis(100);
        assertThat(new Backoff(MIN, MAX, () -> 0.5).after(2)).hasMillis(150);
    }
}
