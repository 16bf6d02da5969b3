package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DescriptorCeilingTest {

    @Test
    void whatFitsIsNotLowered() {
        DescriptorCeiling ceiling = new DescriptorCeiling(10_200, 60, 140, 10_000);
        assertThat(ceiling.fits()).isTrue();
        assertThat(ceiling.room()).isEqualTo(10_000);
    }

    @Test
    void whatDoesNotFitIsSaidWithBothNumbersAndWhatToSet() {
        DescriptorCeiling ceiling = new DescriptorCeiling(1024, 60, 140, 10_000);
        assertThat(ceiling.fits()).isFalse();
        assertThat(ceiling.advice())
                .contains(
                        "1024 files open",
                        "max-connections is 10000",
                        "room for 824",
                        "Give it 10200 (ulimit -n, LimitNOFILE)");
        assertThatCode(ceiling::requireRoom).doesNotThrowAnyException();
    }

    @Test
    void aLimitThatLeavesNothingIsRefused() {
        DescriptorCeiling ceiling = new DescriptorCeiling(200, 60, 140, 10_000);
        assertThatThrownBy(ceiling::requireRoom)
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("no room for a shipper")
                .extracting("action")
                .asString()
                .contains("at least 10200");
    }
}
