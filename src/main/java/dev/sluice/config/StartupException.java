package dev.sluice.config;

import org.jspecify.annotations.Nullable;

/** The service cannot start as it is configured. Its message says what is wrong, and its action what to do about it. */
public final class StartupException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String action;

    /** A start that failed by itself. */
    public StartupException(String message, String action) {
        this(message, action, null);
    }

    /** A start that failed by {@code cause}. */
    public StartupException(String message, String action, @Nullable Throwable cause) {
        super(message, cause);
        this.action = action;
    }

    /** What to do about it. */
    public String action() {
        return action;
    }
}
