package dev.sluice.text;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;

/**
 * A table of short ASCII names that is searched with bytes, whatever their case, without making a string of them.
 *
 * @param <T> what a name means
 */
public final class AsciiNameTable<T> {

    /** The longest name. */
    public static final int LENGTH_MAX = 3 * Long.BYTES;

    /** For each slot a length and the first, middle and last eight bytes, which overlap or are 0 in a short name. */
    private final long[] words;

    private final Object[] meanings;
    private final int mask;

    private AsciiNameTable(int slots) {
        words = new long[slots * 4];
        meanings = new Object[slots];
        mask = slots - 1;
    }

    /** A table of pairs: a name in lower case of at most 24 characters, what it means. */
    public static <T> AsciiNameTable<T> of(Object... pairs) {
        AsciiNameTable<T> table = new AsciiNameTable<>(Integer.highestOneBit(pairs.length) * 4);
        for (int i = 0; i < pairs.length; i += 2) {
            table.put(((String) pairs[i]).getBytes(US_ASCII), pairs[i + 1]);
        }
        return table;
    }

    /** What the name in {@code bytes[from, to)} means, or null. */
    @SuppressWarnings("unchecked") // of() filled the table with T
    @Nullable
    public T find(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length == 0 || length > LENGTH_MAX) {
            return null;
        }
        long first = SwarSearch.lowerCase(bytes, from, length);
        long middle = middle(bytes, from, length);
        long last = last(bytes, to, length);
        int slot = hash(first, last, length) & mask;
        while (words[slot * 4] != 0) {
            int word = slot * 4;
            if (words[word] == length
                    && words[word + 1] == first
                    && words[word + 2] == middle
                    && words[word + 3] == last) {
                return (T) meanings[slot];
            }
            slot = (slot + 1) & mask;
        }
        return null;
    }

    private void put(byte[] name, Object meaning) {
        if (name.length > LENGTH_MAX || find(name, 0, name.length) != null) {
            throw new IllegalArgumentException("Too long or twice: " + new String(name, US_ASCII));
        }
        long first = SwarSearch.lowerCase(name, 0, name.length);
        long last = last(name, name.length, name.length);
        int slot = hash(first, last, name.length) & mask;
        while (words[slot * 4] != 0) {
            slot = (slot + 1) & mask;
        }
        words[slot * 4] = name.length;
        words[slot * 4 + 1] = first;
        words[slot * 4 + 2] = middle(name, 0, name.length);
        words[slot * 4 + 3] = last;
        meanings[slot] = meaning;
    }

    private static long middle(byte[] bytes, int from, int length) {
        return length > 2 * Long.BYTES ? SwarSearch.lowerCase(bytes, from + Long.BYTES, Long.BYTES) : 0;
    }

    private static long last(byte[] bytes, int to, int length) {
        return length > Long.BYTES ? SwarSearch.lowerCase(bytes, to - Long.BYTES, Long.BYTES) : 0;
    }

    private static int hash(long first, long last, int length) {
        return (int) ((first * 0x9E3779B97F4A7C15L + last * 0xC2B2AE3D27D4EB4FL + length) >>> 40);
    }
}
