package dev.sluice.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventFilterTest {

    /** 4 000 letters against 128 KB of nearly the same ones took a worker 0.4 s for each event. */
    @Test
    void whatIsLookedForIsShort() {
        assertThat(EventFilter.of(Map.of("text", List.of("a".repeat(200)))).matchesAll())
                .isFalse();
        for (String name : List.of("text", "host", "app")) {
            assertThatThrownBy(() -> EventFilter.of(Map.of(name, List.of("a".repeat(201)))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a value has 201 characters, expected 200 or fewer");
        }
    }
}
