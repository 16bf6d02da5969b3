package dev.sluice.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.metrics.StageUtilization.Source;
import dev.sluice.metrics.StageUtilization.Stage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class StageUtilizationTest {

    private static final Source UNUSED = new Source(() -> 0, 1);

    @Test
    void incompleteFramesThatHoldTheMemoryAreTheBottleneckWhenNothingElseIs() {
        AtomicBoolean crowded = new AtomicBoolean();
        StageUtilization stages = new StageUtilization(UNUSED, UNUSED, UNUSED, crowded::get);
        assertThat(stages.bottleneck()).isEqualTo(Stage.IDLE);
        crowded.set(true);
        assertThat(stages.bottleneck()).isEqualTo(Stage.READ);
    }
}
