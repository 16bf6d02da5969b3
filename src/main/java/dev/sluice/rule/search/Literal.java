package dev.sluice.rule.search;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/** A text to look for in bytes; looks at few of them (Horspool's way), which is what makes rules cheap. */
public final class Literal {

    private static final int CASE = 0x20;

    private final byte[] text;
    private final int last;
    private final int[] skip = new int[256];

    /** The bit that letters of either case differ in, where it does not matter; else 0. */
    private final int ignored;

    /** A text as it is written; it is not empty. */
    public Literal(String text) {
        this(text, false);
    }

    /** A text in ASCII where it is to be found in whatever case it is written. */
    public Literal(String text, boolean anyCase) {
        this.text = text.getBytes(UTF_8);
        ignored = anyCase ? CASE : 0;
        last = this.text.length - 1;
        Arrays.fill(skip, this.text.length);
        for (int i = 0; i < last; i++) {
            int b = this.text[i] & 0xff;
            skip[b] = last - i;
            if (isLetter(b)) {
                skip[b ^ ignored] = last - i;
            }
        }
    }

    public int length() {
        return text.length;
    }

    /** Whether it may occur in the texts of which these are the pairs; quicker than {@link #find}. */
    boolean mayOccur(BytePairs pairs) {
        for (int i = 0; i < last; i++) {
            boolean may = ignored == 0 ? pairs.has(text[i], text[i + 1]) : pairs.hasAnyCase(text[i], text[i + 1]);
            if (!may) {
                return false;
            }
        }
        return pairs.has(text[last]) || (ignored != 0 && pairs.has(text[last] ^ ignored));
    }

    /** Where it begins in {@code bytes[from, to)}, or -1. */
    public int find(byte[] bytes, int from, int to) {
        int end = from + last;
        if (last == 0 && ignored == 0) {
            end = Finder.indexOf(bytes, from, to, (char) text[0]);
            return end < to ? end : -1;
        }
        while (end < to) {
            byte b = bytes[end];
            if (isSame(b, text[last]) && isAt(bytes, end - last)) {
                return end - last;
            }
            end += skip[b & 0xff];
        }
        return -1;
    }

    /** Whether {@code bytes[from, to)} begins with it. */
    boolean isStart(byte[] bytes, int from, int to) {
        return to - from > last && isSame(bytes[from + last], text[last]) && isAt(bytes, from);
    }

    private boolean isAt(byte[] bytes, int at) {
        for (int i = 0; i < last; i++) {
            if (!isSame(bytes[at + i], text[i])) {
                return false;
            }
        }
        return true;
    }

    private boolean isSame(byte a, byte b) {
        return a == b || ((a ^ b) == ignored && isLetter(a));
    }

    private static boolean isLetter(int b) {
        int lower = b | CASE;
        return lower >= 'a' && lower <= 'z';
    }

    @Override
    public String toString() {
        return new String(text, UTF_8);
    }
}
