package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rule.Rules;
import dev.sluice.rule.settings.RuleEnvironment;
import dev.sluice.rule.settings.SettingTree;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.springframework.boot.diagnostics.FailureAnalysis;

class FailureAnalyzersTest {

    @Test
    void mistakesInTheRulesAreListed() {
        SettingTree tree = new SettingTree("sluice.pipeline.processors");
        tree.place("0").name("name").value("r");
        Throwable failure = org.assertj.core.api.Assertions.catchThrowable(
                () -> Rules.compile(tree, new RuleEnvironment(ZoneOffset.UTC, 64, variable -> null)));
        FailureAnalysis analysis =
                new RuleMistakesFailureAnalyzer().analyze(new IllegalStateException("no bean", failure));
        assertThat(analysis).isNotNull();
        assertThat(analysis.getDescription()).contains("sluice.pipeline.processors[0] (rule r): has no action");
        assertThat(analysis.getAction()).contains("--sluice.dry-run");
    }

    @Test
    void aMemoryThatIsTooSmallIsGivenInNumbers() {
        Throwable failure = new MemoryTooSmallException(new MemoryCeiling(1 << 20, 0, 0, 0, 0, 0), 0, 0);
        FailureAnalysis analysis =
                new MemoryTooSmallFailureAnalyzer().analyze(new IllegalStateException("no bean", failure));
        assertThat(analysis).isNotNull();
        assertThat(analysis.getDescription()).contains("The memory ceiling is heap 1 MB", "-Xmx");
    }
}
