package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.rule.settings.RuleEnvironment;
import dev.sluice.rule.settings.SettingTree;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.springframework.boot.diagnostics.FailureAnalysis;

class StartupFailureAnalyzerTest {

    @Test
    void mistakesInTheRulesAreListed() {
        SettingTree tree = new SettingTree("sluice.pipeline.processors");
        tree.place("0").name("name").value("r");
        FailureAnalysis analysis =
                analysisOf(() -> new WorkerRules(tree, new RuleEnvironment(ZoneOffset.UTC, 64, variable -> null)));
        assertThat(analysis.getDescription()).contains("sluice.pipeline.processors[0] (rule r): has no action");
        assertThat(analysis.getAction()).contains("--sluice.dry-run");
    }

    @Test
    void aMemoryThatIsTooSmallIsGivenInNumbers() {
        FailureAnalysis analysis = analysisOf(() -> new MemoryCeiling(1 << 20, 0, 0, 0, 0, 0, 0).requireFits(0, 0));
        assertThat(analysis.getDescription()).contains("The memory ceiling is heap 1 MB");
        assertThat(analysis.getAction()).contains("-Xmx");
    }

    private static FailureAnalysis analysisOf(Runnable start) {
        Throwable failure = catchThrowable(start::run);
        FailureAnalysis analysis = new StartupFailureAnalyzer().analyze(new IllegalStateException("no bean", failure));
        assertThat(analysis).isNotNull();
        return analysis;
    }
}
