package dev.sluice.store;

/**
 * The server committed with a warning: somebody broke off its wait for a standby, so what it committed may be on no
 * other machine.
 */
final class CommitWarningException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CommitWarningException(Throwable warning) {
        super(
                "It was committed with a warning, perhaps on this server alone: " + warning.getMessage(),
                null,
                false,
                false);
    }
}
