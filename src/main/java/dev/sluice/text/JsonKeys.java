package dev.sluice.text;

import java.util.Arrays;

/**
 * Notices attributes whose key repeats, which some loggers write and of which {@code jsonb} keeps the last alone. The
 * first 48 keys of an object are in a table; an object with more, or with an escape in a key, is looked through once
 * more at its end. When in doubt a key repeats: the original is kept then, and nothing is lost. Reused.
 */
public final class JsonKeys {

    private static final int SLOTS = 64;
    private static final int KEYS_MAX = 48;

    /** How many keys a new one is compared with; more of them meet in one place only on purpose. */
    private static final int LOOKS_MAX = 64;

    private static final JsonScanner SCANNER = new JsonScanner(Integer.MAX_VALUE);

    /** Where each key starts, plus one; 0 where there is none. */
    private final int[] table = new int[SLOTS];

    private int count;
    private boolean isRepeated;
    private boolean isEscaped;

    /** Forgets all keys. */
    public void clear() {
        Arrays.fill(table, 0);
        count = 0;
        isRepeated = false;
        isEscaped = false;
    }

    /** Notes that the attributes have the key of {@code member}. */
    public void add(byte[] bytes, JsonMember member) {
        isEscaped |= (member.keyFlags() & JsonFlags.ESCAPED) != 0;
        if (count++ >= KEYS_MAX) {
            return;
        }
        int from = member.keyFrom();
        int to = member.keyTo();
        int length = to - from;
        int slot = hash(bytes, from, length);
        while (table[slot] != 0) {
            int other = table[slot] - 1;
            // The closing quote is compared too, so that a key is not taken for the start of a longer one.
            if (other + length <= bytes.length && Arrays.equals(bytes, other, other + length, bytes, from, to)) {
                isRepeated = true;
                return;
            }
            slot = (slot + 1) & (SLOTS - 1);
        }
        table[slot] = from + 1;
    }

    /** Whether a key of the object {@code bytes[from, to)} repeats among the attributes, also by an escape. */
    public boolean isRepeated(byte[] bytes, int from, int to, ByteWriter scratch) {
        if (isRepeated || (!isEscaped && count <= KEYS_MAX)) {
            return isRepeated;
        }
        int start = scratch.size();
        boolean repeated = isRepeated(bytes, from, to, scratch, new int[Integer.highestOneBit(count + 16) * 4]);
        scratch.truncate(start);
        return repeated;
    }

    /** Looks through all keys, unescaped and each ended by NUL, which is in none. */
    private static boolean isRepeated(byte[] bytes, int from, int to, ByteWriter keys, int[] table) {
        JsonMember member = new JsonMember();
        int i = JsonSyntax.spaceEnd(bytes, from + 1, to);
        while (bytes[i] != '}') {
            i = member.next(bytes, i, to, SCANNER);
            int key = keys.size();
            JsonText.unescape(bytes, member.keyFrom() + 1, member.keyTo() - 1, keys);
            keys.put(0);
            if (!isNew(keys, key, table)) {
                return true;
            }
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
