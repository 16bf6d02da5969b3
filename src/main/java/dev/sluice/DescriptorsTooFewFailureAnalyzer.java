package dev.sluice;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Gives the numbers in place of a stack trace. */
final class DescriptorsTooFewFailureAnalyzer extends AbstractFailureAnalyzer<DescriptorsTooFewException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, DescriptorsTooFewException cause) {
        return new FailureAnalysis(cause.getMessage(), null, cause);
    }
}
