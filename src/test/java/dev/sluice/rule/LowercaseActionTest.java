package dev.sluice.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rule.condition.Condition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The example of the documentation. */
class LowercaseActionTest {

    @Test
    void itWritesTheApplicationInLowerCase() {
        RuleRun run = RuleRun.of("[]");
        run.over(List.of(new Rule("lower", Condition.ALWAYS, new LowercaseAction(RuleRun.settings("{ field: app }")))));
        run.line("<14>1 - h SHOP - - - x");
        assertThat(run.last().get("app").asString()).isEqualTo("shop");
    }

    @Test
    void itStandsInTheDocumentationAsItIs() throws IOException {
        String source = Files.readString(Path.of("src/test/java/dev/sluice/rule/LowercaseAction.java"));
        assertThat(plain(Files.readString(Path.of("docs/processors.md"))))
                .contains(plain(source.substring(source.indexOf("/**"))));
    }

    private static String plain(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }
}
