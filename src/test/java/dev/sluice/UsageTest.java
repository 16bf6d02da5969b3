package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class UsageTest {

    @Test
    void theVersionIsOneLine() {
        assertThat(Usage.of(new String[] {"--sluice.pipeline.memory=1MB", "--version"}))
                .hasValueSatisfying(said -> assertThat(said).matches("Sluice \\S+ \\(revision \\S+\\), Java 25\\S*\n"));
    }

    @Test
    void theHelpHasEachPropertyWithItsDefaultItsRangeAndItsMeaning() throws IOException {
        String help = Usage.of(new String[] {"--help"}).orElseThrow();
        assertThat(help)
                .contains("""

                        sluice.store.batch
                          .max-events: 20000 (1 to 1000000)
                              rows of a transaction; the rows of one batch of frames stay together
                        """)
                .contains("\n  .bundle: empty (a name under spring.ssl.bundle)\n", "speaks no TLS: docs/tls.md\n")
                .contains("lines that belong together (docs/inputs.md)")
                .doesNotContain("`", "](");
        for (String name : ConfigurationPageTest.properties()) {
            int point = name.lastIndexOf('.');
            assertThat(help)
                    .contains("\n" + name.substring(0, point) + "\n")
                    .contains("\n  ." + name.substring(point + 1));
        }
    }

    @Test
    void nothingElseIsAskedFor() {
        assertThat(Usage.of(new String[] {"--sluice.pipeline.memory=32MB"})).isEmpty();
    }

    /** What {@code --help} reads is the table of the page; run it with {@code -Ddocs.update=true} to take that. */
    @Test
    void thePageHasTheTable() throws IOException {
        Path table = Path.of("src/main/resources/dev/sluice/config/properties.md");
        String page = Files.readString(Path.of("docs/configuration.md"));
        int from = page.indexOf("| property |");
        String onPage = page.substring(from, page.indexOf("\n\n", from) + 1);
        if (Boolean.getBoolean("docs.update")) {
            Files.writeString(table, onPage);
        }
        assertThat(Files.readString(table)).isEqualTo(onPage);
    }
}
