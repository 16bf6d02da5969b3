package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A newcomer's first minute, as README.md has it; FirstRunIT runs it. */
class ReadmeTest {

    private static final Path README = Path.of("README.md");
    private static final Pattern COMMAND = Pattern.compile("(?m)^\\$ (.*)$");

    @Test
    void itsCommandsAreThoseOfTheLogsLastLines() throws IOException {
        assertThat(commands())
                .contains(FirstSteps.send(5140), FirstSteps.look("postgresql://sluice:sluice@127.0.0.1:15432/sluice"));
    }

    @Test
    void twoCommandsRunAndCheckEverything() throws IOException {
        assertThat(commands()).contains("mvn spring-boot:run", "mvn verify");
    }

    @Test
    void itIsShortEnoughToBeRead() throws IOException {
        assertThat(Files.readAllLines(README)).hasSizeBetween(100, 190);
    }

    private static List<String> commands() throws IOException {
        return COMMAND.matcher(Files.readString(README))
                .results()
                .map(command -> command.group(1))
                .toList();
    }
}
