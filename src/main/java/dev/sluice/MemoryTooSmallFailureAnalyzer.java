package dev.sluice;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Gives the numbers in place of a stack trace. */
final class MemoryTooSmallFailureAnalyzer extends AbstractFailureAnalyzer<MemoryTooSmallException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, MemoryTooSmallException cause) {
        return new FailureAnalysis(cause.getMessage(), null, cause);
    }
}
