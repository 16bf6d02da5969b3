package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FirstStepsTest {

    @Test
    void thePageIsNamedWhereItIsServedAlone() {
        assertThat(FirstSteps.orLook(9090)).contains("http://127.0.0.1:9090/");
        assertThat(FirstSteps.orLook(null)).isEmpty();
    }
}
