package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;

/**
 * A table of short ASCII names that is searched with bytes, whatever their case, without making a string of them.
 *
 * @param <T> what a name means
 */
final class Names<T> {

    private final byte[][] names;
    private final Object[] meanings;
    private final int mask;

    private Names(int slots) {
        names = new byte[slots][];
        meanings = new Object[slots];
        mask = slots - 1;
    }

    /** A table of pairs: a name in lower case, what it means. */
    static <T> Names<T> of(Object... pairs) {
        Names<T> table = new Names<>(Integer.highestOneBit(pairs.length) * 4);
        for (int i = 0; i < pairs.length; i += 2) {
            table.put(((String) pairs[i]).getBytes(US_ASCII), pairs[i + 1]);
        }
        return table;
    }

    /** What the name in {@code bytes[from, to)} means, or null. */
    @SuppressWarnings("unchecked") // of() filled the table with T
    @Nullable
    T find(byte[] bytes, int from, int to) {
        if (from == to) {
            return null;
        }
        int slot = hash(bytes, from, to) & mask;
        while (names[slot] != null) {
            if (isSame(names[slot], bytes, from, to)) {
                return (T) meanings[slot];
            }
            slot = (slot + 1) & mask;
        }
        return null;
    }

    private void put(byte[] name, Object meaning) {
        int slot = hash(name, 0, name.length) & mask;
        while (names[slot] != null) {
            slot = (slot + 1) & mask;
        }
        names[slot] = name;
        meanings[slot] = meaning;
    }

    /** Length, both ends and the middle tell the names in use apart; reading the whole would cost more. */
    private static int hash(byte[] bytes, int from, int to) {
        int length = to - from;
        int ends = (bytes[from] | 0x20) * 31 + (bytes[to - 1] | 0x20);
        int hash = (ends * 31 + (bytes[from + (length >> 1)] | 0x20)) * 31 + length;
        return hash ^ hash >>> 7;
    }

    private static boolean isSame(byte[] name, byte[] bytes, int from, int to) {
        if (name.length != to - from) {
            return false;
        }
        for (int i = 0; i < name.length; i++) {
            int b = bytes[from + i];
            if (name[i] != (b >= 'A' && b <= 'Z' ? b | 0x20 : b)) {
                return false;
            }
        }
        return true;
    }
}
