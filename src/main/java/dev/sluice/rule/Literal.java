package dev.sluice.rule;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/** A text to look for in bytes; looks at few of them (Horspool's way), which is what makes rules cheap. */
final class Literal {

    private final byte[] text;
    private final int last;
    private final int[] skip = new int[256];

    Literal(String text) {
        this.text = text.getBytes(UTF_8);
        last = this.text.length - 1;
        Arrays.fill(skip, this.text.length);
        for (int i = 0; i < last; i++) {
            skip[this.text[i] & 0xff] = last - i;
        }
    }

    int length() {
        return text.length;
    }

    /** Where it begins in {@code bytes[from, to)}, or -1. */
    int find(byte[] bytes, int from, int to) {
        int end = from + last;
        while (end < to) {
            byte b = bytes[end];
            if (b == text[last] && isAt(bytes, end - last)) {
                return end - last;
            }
            end += skip[b & 0xff];
        }
        return -1;
    }

    private boolean isAt(byte[] bytes, int at) {
        for (int i = 0; i < last; i++) {
            if (bytes[at + i] != text[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether it is all of {@code bytes[from, to)}. */
    boolean is(byte[] bytes, int from, int to) {
        return to - from == text.length && bytes[to - 1] == text[last] && isAt(bytes, from);
    }

    @Override
    public String toString() {
        return new String(text, UTF_8);
    }
}
