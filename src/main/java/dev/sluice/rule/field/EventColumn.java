package dev.sluice.rule.field;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.event.LogEvent;
import dev.sluice.text.Levels;
import dev.sluice.text.Slice;
import dev.sluice.text.WrittenTime;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The columns that a rule can fill. */
public enum EventColumn {
    MESSAGE,
    HOST,
    APP,
    PROC_ID,
    MSG_ID,
    SEVERITY,
    EVENT_AT;

    private final String label = name().toLowerCase(Locale.ROOT);

    public static Map<String, EventColumn> all() {
        Map<String, EventColumn> all = new LinkedHashMap<>();
        for (EventColumn column : values()) {
            all.put(column.label, column);
        }
        return all;
    }

    /** The attribute that keeps what the column had. */
    public byte[] keptAs() {
        return ("sluice." + label).getBytes(US_ASCII);
    }

    /** Its text, or null if it is none. */
    @Nullable
    public Slice slice(LogEvent event) {
        return switch (this) {
            case MESSAGE -> event.message();
            case HOST -> event.host();
            case APP -> event.app();
            case PROC_ID -> event.procId();
            case MSG_ID -> event.msgId();
            case SEVERITY, EVENT_AT -> null;
        };
    }

    /**
     * Sets a column that is no text to what {@code text} means; a number of a level is one of {@code scale}.
     *
     * @return whether the column says all that the text says: a name that says more than the number, such as fatal,
     *     stays an attribute as well
     */
    public boolean read(LogEvent event, Slice text, Levels.Scale scale, WrittenTime times) {
        if (this != SEVERITY) {
            return this == EVENT_AT && time(event, text, times);
        }
        int level = level(text, scale);
        return setLevel(event, level) && level < Levels.FINER;
    }

    /**
     * Sets a column that is no text to what {@code text} means, as far as the column can say it.
     *
     * @return whether it means anything
     */
    public boolean fill(LogEvent event, Slice text, Levels.Scale scale, WrittenTime times) {
        return this == SEVERITY ? setLevel(event, level(text, scale)) : read(event, text, scale, times);
    }

    private static int level(Slice text, Levels.Scale scale) {
        return Levels.severity(text.array(), text.offset(), text.offset() + text.length(), scale);
    }

    private static boolean setLevel(LogEvent event, int level) {
        if (level == Levels.UNKNOWN) {
            return false;
        }
        event.severity(level & 7);
        return true;
    }

    private static boolean time(LogEvent event, Slice text, WrittenTime times) {
        int to = text.offset() + text.length();
        long micros = times.whole(text.array(), text.offset(), to, event.receivedAtMicros(), event.timeParts());
        if (micros == LogEvent.NO_TIME) {
            return false;
        }
        event.eventAtMicros(micros);
        return true;
    }
}
