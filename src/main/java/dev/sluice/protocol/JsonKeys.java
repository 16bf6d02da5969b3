package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.text.JsonScanner;
import dev.sluice.text.JsonSyntax;
import dev.sluice.text.SwarSearch;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * Notices attributes whose key repeats, which some loggers write and of which {@code jsonb} keeps the last alone. The
 * first 48 keys of an event are in a table among its marks; an object with more is looked through once more at its end.
 */
final class JsonKeys {

    private static final int COUNT = 72;
    private static final int REPEATED = 73;
    private static final int TABLE = 80;
    private static final int SLOTS = 64;
    private static final int KEYS_MAX = 48;

    private JsonKeys() {}

    /** Forgets all keys. */
    static void clear(int[] marks) {
        Arrays.fill(marks, COUNT, TABLE + SLOTS, 0);
    }

    /** Notes that the attributes have the key {@code bytes[from, to)}, quotes included. */
    static void add(byte[] bytes, int from, int to, int[] marks) {
        int length = to - from;
        if (marks[COUNT]++ >= KEYS_MAX) {
            return;
        }
        int slot = hash(bytes, from, length);
        while (marks[TABLE + slot] != 0) {
            int other = marks[TABLE + slot] - 1;
            // The closing quote is compared too, so that a key is not taken for the start of a longer one.
            if (other + length <= bytes.length && Arrays.equals(bytes, other, other + length, bytes, from, to)) {
                marks[REPEATED] = 1;
                return;
            }
            slot = (slot + 1) & (SLOTS - 1);
        }
        marks[TABLE + slot] = from + 1;
    }

    /** Whether a key of the object {@code bytes[from, to)} repeats among the attributes. */
    static boolean isRepeated(byte[] bytes, int from, int to, int[] marks) {
        return marks[REPEATED] != 0 || (marks[COUNT] > KEYS_MAX && isRepeated(bytes, from, to));
    }

    private static boolean isRepeated(byte[] bytes, int from, int to) {
        JsonScanner scanner = new JsonScanner(Integer.MAX_VALUE);
        int[] marks = new int[1];
        Set<String> keys = new HashSet<>();
        int i = JsonSyntax.spaceEnd(bytes, from + 1, to);
        while (bytes[i] != '}') {
            int keyEnd = JsonScanner.string(bytes, i, to, marks);
            if (!keys.add(new String(bytes, i, keyEnd - i, UTF_8))) {
                return true;
            }
            int value = JsonSyntax.spaceEnd(bytes, JsonScanner.colon(bytes, keyEnd, to), to);
            i = JsonSyntax.spaceEnd(bytes, scanner.value(bytes, value, to, 0, marks), to);
            i = bytes[i] == ',' ? JsonSyntax.spaceEnd(bytes, i + 1, to) : i;
        }
        return false;
    }

    private static int hash(byte[] bytes, int from, int length) {
        long first = SwarSearch.lowerCase(bytes, from, length);
        long last = SwarSearch.lowerCase(bytes, Math.max(from, from + length - Long.BYTES), length);
        return (int) ((first * 0x9E3779B97F4A7C15L + last * 0xC2B2AE3D27D4EB4FL + length) >>> 58);
    }
}
