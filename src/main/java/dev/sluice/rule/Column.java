package dev.sluice.rule;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.event.LogEvent;
import dev.sluice.text.Slice;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The columns that a rule can fill. */
enum Column {
    MESSAGE,
    HOST,
    APP,
    PROC_ID,
    MSG_ID,
    SEVERITY,
    EVENT_AT;

    private final String label = name().toLowerCase(Locale.ROOT);

    static Map<String, Column> all() {
        Map<String, Column> all = new LinkedHashMap<>();
        for (Column column : values()) {
            all.put(column.label, column);
        }
        return all;
    }

    /** The attribute that keeps what the column had. */
    byte[] keptAs() {
        return ("sluice." + label).getBytes(US_ASCII);
    }

    /** Its text, or null if it is none. */
    @Nullable
    Slice slice(LogEvent event) {
        return switch (this) {
            case MESSAGE -> event.message();
            case HOST -> event.host();
            case APP -> event.app();
            case PROC_ID -> event.procId();
            case MSG_ID -> event.msgId();
            case SEVERITY, EVENT_AT -> null;
        };
    }

    /** Sets a column that is no text; returns whether the text means a value of it. */
    boolean read(LogEvent event, String text) {
        return this == SEVERITY ? severity(event, text) : this == EVENT_AT && time(event, text);
    }

    /** A name that says more than the number, such as fatal, stays an attribute as well. */
    private static boolean severity(LogEvent event, String text) {
        int severity = Severities.of(text);
        if (severity != LogEvent.UNKNOWN) {
            event.severity(severity);
        }
        return Severities.isPlain(text);
    }

    private static boolean time(LogEvent event, String text) {
        try {
            event.eventAtMicros(ChronoUnit.MICROS.between(
                    Instant.EPOCH, OffsetDateTime.parse(text).toInstant()));
            return true;
        } catch (DateTimeException | ArithmeticException e) {
            return false;
        }
    }
}
