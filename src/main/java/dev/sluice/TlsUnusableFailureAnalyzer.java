package dev.sluice;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says what is wrong in place of a stack trace. */
final class TlsUnusableFailureAnalyzer extends AbstractFailureAnalyzer<TlsUnusableException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, TlsUnusableException cause) {
        return new FailureAnalysis(cause.getMessage(), null, cause);
    }
}
