package dev.sluice.rule.search;

import dev.sluice.text.Slice;
import java.util.Arrays;

/**
 * Which bytes, and which two of them side by side, occur in some texts. It is made in one pass over them, and then
 * tells most searches that they would find nothing; what is no ASCII may be taken for something else. One instance a
 * worker.
 */
public final class BytePairs {

    private static final int BYTES = 256;

    /** For each byte, a bit for each byte (modulo 64) that stood before it. */
    private final long[] before = new long[BYTES];

    public void clear() {
        Arrays.fill(before, 0);
    }

    public void add(Slice text) {
        add(text.array(), text.offset(), text.offset() + text.length());
    }

    /** Adds the text {@code bytes[from, to)}. */
    public void add(byte[] bytes, int from, int to) {
        int last = 0;
        for (int i = from; i < to; i++) {
            int b = bytes[i] & 0xff;
            before[b] |= 1L << last;
            last = b;
        }
    }

    /** Whether {@code b} may occur; if not, it surely does not. */
    public boolean has(int b) {
        return before[b & 0xff] != 0;
    }

    /** Whether {@code second} may occur right after {@code first}. */
    public boolean has(int first, int second) {
        return (before[second & 0xff] >>> first & 1) != 0;
    }

    /** As {@link #has(int, int)} for lower case letters, in whatever case they are written. */
    boolean hasAnyCase(int first, int second) {
        long any = before[second & 0xff] | before[(second & 0xff) ^ 0x20];
        return ((any >>> first | any >>> (first ^ 0x20)) & 1) != 0;
    }
}
