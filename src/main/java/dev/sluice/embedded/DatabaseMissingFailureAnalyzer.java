package dev.sluice.embedded;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says what is missing in place of a stack trace. */
final class DatabaseMissingFailureAnalyzer extends AbstractFailureAnalyzer<DatabaseMissingException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, DatabaseMissingException cause) {
        return new FailureAnalysis(cause.getMessage(), null, cause);
    }
}
