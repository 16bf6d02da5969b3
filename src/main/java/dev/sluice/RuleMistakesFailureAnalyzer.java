package dev.sluice;

import dev.sluice.rule.settings.RuleMistakesException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Lists the mistakes in place of a stack trace. */
final class RuleMistakesFailureAnalyzer extends AbstractFailureAnalyzer<RuleMistakesException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, RuleMistakesException cause) {
        return new FailureAnalysis(
                cause.getMessage(),
                "Correct them; --sluice.dry-run with some events on the standard input shows what the rules do.",
                cause);
    }
}
