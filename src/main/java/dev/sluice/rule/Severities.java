package dev.sluice.rule;

import dev.sluice.event.LogEvent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The names of severities. */
final class Severities {

    private static final Map<String, Integer> NAMES = names();

    private Severities() {}

    /** All names and numbers, with what they mean. */
    static Map<String, Integer> names() {
        Map<String, Integer> names = new LinkedHashMap<>();
        names.put("emergency", 0);
        names.put("alert", 1);
        names.put("critical", 2);
        names.put("error", 3);
        names.put("warning", 4);
        names.put("notice", 5);
        names.put("info", 6);
        names.put("debug", 7);
        for (int i = 0; i <= 7; i++) {
            names.put(Integer.toString(i), i);
        }
        return names;
    }

    /** Whether a text says nothing more than the number. */
    static boolean isPlain(String text) {
        return NAMES.containsKey(text.toLowerCase(Locale.ROOT));
    }

    /** What loggers call a severity, or {@code UNKNOWN}. */
    static int of(String text) {
        String name = text.toLowerCase(Locale.ROOT);
        Integer known = NAMES.get(name);
        if (known != null) {
            return known;
        }
        return switch (name) {
            case "emerg", "panic" -> 0;
            case "crit", "fatal" -> 2;
            case "err", "severe" -> 3;
            case "warn" -> 4;
            case "information", "informational" -> 6;
            case "trace" -> 7;
            default -> LogEvent.UNKNOWN;
        };
    }

    /** The bits of the severities that a list of names and ranges ({@code debug..notice}) means. */
    static int bits(Settings settings, String key) {
        int bits = 0;
        for (String item : settings.list(key)) {
            String[] ends = item.split("\\.\\.", 2);
            int first = of(ends[0].strip());
            int last = of(ends[ends.length - 1].strip());
            if (first < 0 || last < 0) {
                settings.mistake(
                        key,
                        "is \"" + item + "\", expected severities such as error, debug..info, 0..3: "
                                + Arrays.toString(NAMES.keySet().toArray()));
            } else {
                for (int i = Math.min(first, last); i <= Math.max(first, last); i++) {
                    bits |= 1 << i;
                }
            }
        }
        return bits;
    }
}
