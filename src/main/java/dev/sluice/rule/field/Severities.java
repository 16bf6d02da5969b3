package dev.sluice.rule.field;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.rule.settings.Settings;
import dev.sluice.text.Ascii;
import dev.sluice.text.Levels;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** The names of severities. */
public final class Severities {

    private static final int ALL = 0xFF;

    private Severities() {}

    /** All names and numbers, with what they mean. */
    public static Map<String, Integer> names() {
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

    /** The severity that a name of any logger or a number from 0 to 7 means, or {@code UNKNOWN}. */
    private static int of(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        boolean number = bytes.length > 0 && Ascii.isDigit(bytes[0]);
        if (number && bytes.length > 1) {
            return Levels.UNKNOWN;
        }
        int level = Levels.severity(bytes, 0, bytes.length, Levels.Scale.COMMON);
        return level == Levels.UNKNOWN ? level : level & 7;
    }

    /** The bits of the severities that a list of names and ranges ({@code debug..notice}) means. */
    public static int bits(Settings settings, String key) {
        int bits = 0;
        for (String item : settings.list(key)) {
            if (item.strip().equalsIgnoreCase("all")) {
                bits = ALL; // and not the level of Java's logging that is below finest
                continue;
            }
            String[] ends = item.split("\\.\\.", 2);
            int first = of(ends[0].strip());
            int last = of(ends[ends.length - 1].strip());
            if (first < 0 || last < 0) {
                settings.error(
                        key,
                        "is \"" + item + "\", expected severities such as error, debug..info, 0..3: "
                                + Arrays.toString(names().keySet().toArray()));
            } else {
                for (int i = Math.min(first, last); i <= Math.max(first, last); i++) {
                    bits |= 1 << i;
                }
            }
        }
        return bits;
    }
}
