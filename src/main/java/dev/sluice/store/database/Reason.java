package dev.sluice.store.database;

import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** An error in one line, for the log: not every one has a message, and often the cause knows more. */
public final class Reason {

    private static final int CAUSES_MAX = 10;

    /** The JDK's message is the name, with the words of its resolver perhaps; Netty's has it in quotes. */
    private static final Pattern HOST = Pattern.compile("(?:[^']*'([^']+)'|(\\S+): ).*");

    private Reason() {}

    public static String of(Throwable error) {
        Set<String> messages = new LinkedHashSet<>();
        Throwable cause = error;
        for (int i = 0; cause != null && i < CAUSES_MAX; i++) {
            messages.add(of(cause, cause.getMessage()));
            cause = cause.getCause();
        }
        return String.join(": ", messages);
    }

    private static String of(Throwable cause, @Nullable String message) {
        if (message == null || message.isBlank()) {
            return cause.getClass().getSimpleName();
        }
        return cause instanceof UnknownHostException
                ? "the name " + HOST.matcher(message.strip()).replaceFirst("$1$2") + " is unknown"
                : message.strip();
    }
}
