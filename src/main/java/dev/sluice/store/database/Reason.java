package dev.sluice.store.database;

import java.util.LinkedHashSet;
import java.util.Set;

/** An error in one line, for the log: not every one has a message, and often the cause knows more. */
public final class Reason {

    private static final int CAUSES_MAX = 10;

    private Reason() {}

    public static String of(Throwable error) {
        Set<String> messages = new LinkedHashSet<>();
        Throwable cause = error;
        for (int i = 0; cause != null && i < CAUSES_MAX; i++) {
            String message = cause.getMessage();
            messages.add(message == null || message.isBlank() ? cause.getClass().getSimpleName() : message.strip());
            cause = cause.getCause();
        }
        return String.join(": ", messages);
    }
}
