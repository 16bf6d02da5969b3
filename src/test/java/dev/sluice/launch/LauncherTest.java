package dev.sluice.launch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LauncherTest {

    @ParameterizedTest
    @CsvSource({"1.8, true", "9, true", "17, true", "24, true", "25, false", "26, false"})
    void readsTheVersion(String version, boolean tooOld) {
        assertThat(Launcher.isTooOld(version)).isEqualTo(tooOld);
    }

    @Test
    void namesTheJavaThatIsTooOld() {
        assertThat(Launcher.refusal("1.8", "/opt/java")).isEqualTo("Sluice needs Java 25; this is Java 8 (/opt/java)");
    }
}
