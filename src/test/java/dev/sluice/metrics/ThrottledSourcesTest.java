package dev.sluice.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class ThrottledSourcesTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ThrottledSources sources = new ThrottledSources(registry);

    @Test
    void aSourceKeepsItsSeries() {
        sources.of("192.0.2.1").increment(1.5);
        sources.of("192.0.2.1").increment(2);

        assertThat(seconds("192.0.2.1")).isEqualTo(3.5);
    }

    @Test
    void tenThousandSourcesAreAHundredSeriesAndTheRest() {
        for (int i = 0; i < 10_000; i++) {
            sources.of("source-" + i).increment(1);
        }

        assertThat(registry.getMeters()).hasSize(ThrottledSources.SOURCES_MAX + 1);
        assertThat(seconds("source-99")).isEqualTo(1);
        assertThat(seconds(ThrottledSources.OTHER)).isEqualTo(9_900);
    }

    private double seconds(String source) {
        return registry.get("sluice.source.throttled.seconds")
                .tag("source", source)
                .counter()
                .count();
    }
}
