package dev.sluice.store.batch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SaturationTest {

    private long now = Long.MAX_VALUE - 5;
    private final Saturation saturation = new Saturation(() -> now);

    @Test
    void lanesThatAreBusySayNothing() {
        saturation.gathered(false, false);
        now += 100;

        assertThat(saturation.nanos()).isZero();
    }

    @Test
    void aFullBatchWithoutALaneCounts() {
        saturation.gathered(false, true);
        now += 100;
        assertThat(saturation.nanos()).isEqualTo(100);
        saturation.gathered(true, false);
        now += 100;

        assertThat(saturation.nanos()).isEqualTo(100);
    }

    @Test
    void rowsThatHaveNoRoomCountWhileNoLaneIsFree() {
        saturation.heldBack(true);
        now += 10;
        assertThat(saturation.nanos()).isZero();
        saturation.gathered(false, false);
        now += 100;
        assertThat(saturation.nanos()).isEqualTo(100);
        saturation.gathered(true, false);
        now += 10;
        saturation.gathered(false, false);
        now += 100;
        saturation.heldBack(false);
        now += 10;

        assertThat(saturation.nanos()).isEqualTo(200);
    }

    @Test
    void bothAtATimeCountOnce() {
        saturation.gathered(false, true);
        saturation.heldBack(true);
        now += 100;

        assertThat(saturation.nanos()).isEqualTo(100);
    }
}
