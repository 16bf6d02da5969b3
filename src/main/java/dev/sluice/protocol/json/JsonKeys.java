package dev.sluice.protocol.json;

import dev.sluice.event.LogEvent;
import dev.sluice.text.ByteWriter;
import dev.sluice.text.JsonScanner;
import dev.sluice.text.JsonSyntax;
import dev.sluice.text.JsonText;
import dev.sluice.text.SwarSearch;
import java.util.Arrays;

/**
 * Notices attributes whose key repeats, which some loggers write and of which {@code jsonb} keeps the last alone. The
 * first 48 keys of an event are in a table among its marks; an object with more, or with an escape in a key, is looked
 * through once more at its end. When in doubt a key repeats: the original is kept then, and nothing is lost.
 */
final class JsonKeys {

    private static final int COUNT = 72;
    private static final int REPEATED = 73;
    private static final int ESCAPED_KEY = 76;
    private static final int TABLE = 80;
    private static final int SLOTS = 64;
    private static final int KEYS_MAX = 48;

    /** How many keys a new one is compared with; more of them meet in one place only on purpose. */
    private static final int LOOKS_MAX = 64;

    private static final JsonScanner SCANNER = new JsonScanner(Integer.MAX_VALUE);

    private JsonKeys() {}

    /** Forgets all keys. */
    static void clear(int[] marks) {
        Arrays.fill(marks, COUNT, TABLE + SLOTS, 0);
    }

    /** Notes that the attributes have the key {@code bytes[from, to)}, quotes included. */
    static void add(byte[] bytes, int from, int to, int flags, int[] marks) {
        int length = to - from;
        marks[ESCAPED_KEY] |= flags & JsonScanner.ESCAPED;
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

    /** Whether a key of the object {@code bytes[from, to)} repeats among the attributes, also by an escape. */
    static boolean isRepeated(byte[] bytes, int from, int to, LogEvent event) {
        int[] marks = event.marks();
        if (marks[REPEATED] != 0 || (marks[ESCAPED_KEY] == 0 && marks[COUNT] <= KEYS_MAX)) {
            return marks[REPEATED] != 0;
        }
        ByteWriter keys = event.scratch();
        int start = keys.size();
        boolean repeated = isRepeated(bytes, from, to, keys, new int[Integer.highestOneBit(marks[COUNT] + 16) * 4]);
        keys.truncate(start);
        return repeated;
    }

    /** Looks through all keys, unescaped and each ended by NUL, which is in none. */
    private static boolean isRepeated(byte[] bytes, int from, int to, ByteWriter keys, int[] table) {
        int[] marks = new int[1];
        int i = JsonSyntax.spaceEnd(bytes, from + 1, to);
        while (bytes[i] != '}') {
            int keyEnd = JsonScanner.string(bytes, i, to, marks);
            int key = keys.size();
            JsonText.unescape(bytes, i + 1, keyEnd - 1, keys);
            keys.put(0);
            if (!isNew(keys, key, table)) {
                return true;
            }
            int value = JsonSyntax.spaceEnd(bytes, JsonScanner.colon(bytes, keyEnd, to), to);
            i = JsonSyntax.spaceEnd(bytes, SCANNER.value(bytes, value, to, 0, marks), to);
            i = bytes[i] == ',' ? JsonSyntax.spaceEnd(bytes, i + 1, to) : i;
        }
        return false;
    }

    /** Notes the last of the keys, which starts at {@code key}. Keys that look alike to the table count as repeated. */
    private static boolean isNew(ByteWriter keys, int key, int[] table) {
        byte[] array = keys.array();
        int length = keys.size() - key;
        int slot = hash(array, key, keys.size(), table.length);
        for (int look = 0; look < LOOKS_MAX; look++) {
            int other = table[slot] - 1;
            if (other < 0) {
                table[slot] = key + 1;
                return true;
            }
            if (Arrays.equals(array, other, other + length, array, key, keys.size())) {
                return false;
            }
            slot = (slot + 1) & (table.length - 1);
        }
        return false;
    }

    private static int hash(byte[] bytes, int from, int to, int slots) {
        int hash = 1;
        for (int i = from; i < to; i++) {
            hash = hash * 31 + bytes[i];
        }
        return (hash * 0x9E3779B9) >>> Integer.numberOfLeadingZeros(slots - 1);
    }

    private static int hash(byte[] bytes, int from, int length) {
        long first = SwarSearch.lowerCase(bytes, from, length);
        long last = SwarSearch.lowerCase(bytes, Math.max(from, from + length - Long.BYTES), length);
        return (int) ((first * 0x9E3779B97F4A7C15L + last * 0xC2B2AE3D27D4EB4FL + length) >>> 58);
    }
}
