package dev.sluice.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Properties;
import org.junit.jupiter.api.Test;

class BuildVersionTest {

    @Test
    void saysWhatTheBuildWroteDown() {
        Properties properties = new Properties();
        properties.setProperty("build.version", "0.1.0");
        properties.setProperty("build.revision", "4ea5e9");
        assertThat(BuildVersion.of(properties)).hasToString("0.1.0 (revision 4ea5e9)");
    }

    @Test
    void aRunOfAnIdeHasNone() {
        assertThat(BuildVersion.of(new Properties())).hasToString("unknown (revision unknown)");
    }

    @Test
    void isKnownOfTheseClasses() {
        BuildVersion version = BuildVersion.ofThisProgram();
        assertThat(version.version()).matches("unknown|\\d+\\.\\d+\\.\\d+.*");
        assertThat(version.revision()).isNotBlank().doesNotContain("$");
    }
}
