package dev.sluice.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

class StoreHealthIndicatorTest {

    private static final Map<String, String> FINDINGS = Map.of("unlogged_table", "log_event_20261128");

    @Test
    void whatTheOwnerSetIsADetailAndNoReasonToBeDown() {
        Health health = new StoreHealthIndicator(Optional::empty, () -> FINDINGS).health();
        assertThat(health.getStatus()).isEqualTo(Status.UP);
        assertThat(health.getDetails()).containsExactly(Map.entry("findings", FINDINGS));
    }

    @Test
    void whereNothingWasFoundThereIsNoDetail() {
        assertThat(new StoreHealthIndicator(Optional::empty, Map::of).health().getDetails())
                .isEmpty();
    }

    @Test
    void aHaltedStoreIsOutOfServiceAndSaysBoth() {
        Health health = new StoreHealthIndicator(() -> Optional.of("no table [42P01]"), () -> FINDINGS).health();
        assertThat(health.getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
        assertThat(health.getDetails())
                .containsOnly(Map.entry("halted", "no table [42P01]"), Map.entry("findings", FINDINGS));
    }
}
