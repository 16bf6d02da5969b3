package dev.sluice;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says what is wrong in place of a stack trace. */
final class DatabaseOptionsFailureAnalyzer extends AbstractFailureAnalyzer<DatabaseOptionsException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, DatabaseOptionsException cause) {
        return new FailureAnalysis(cause.getMessage(), null, cause);
    }
}
