package dev.sluice.text;

/**
 * What PostgreSQL accepts as text: strict UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF) without NUL.
 */
public final class Utf8 {

    /** U+FFFD, the replacement character. */
    private static final byte[] REPLACEMENT = {(byte) 0xEF, (byte) 0xBF, (byte) 0xBD};

    private static final int TAIL_MIN = 0x80;
    private static final int TAIL_MAX = 0xBF;

    private Utf8() {}

    /** Whether the bytes are text as they are. */
    public static boolean isClean(byte[] bytes, int from, int to) {
        int i = SwarSearch.notPlain(bytes, from, to);
        while (i < to) {
            int length = sequence(bytes, i, to);
            if (length < 0) {
                return false;
            }
            i = SwarSearch.notPlain(bytes, i + length, to);
        }
        return true;
    }

    /** Appends the bytes as text: U+FFFD for each NUL and for each maximal part of a character that is none. */
    public static void repair(byte[] bytes, int from, int to, ByteWriter out) {
        int clean = from;
        int i = SwarSearch.notPlain(bytes, from, to);
        while (i < to) {
            int length = sequence(bytes, i, to);
            if (length < 0) {
                out.put(bytes, clean, i - clean);
                out.put(REPLACEMENT);
                clean = i - length;
            }
            i = SwarSearch.notPlain(bytes, i + Math.abs(length), to);
        }
        out.put(bytes, clean, to - clean);
    }

    /** After a byte order mark at {@code from}, or {@code from}. */
    public static int markEnd(byte[] bytes, int from, int to) {
        boolean marked = to - from >= 3
                && bytes[from] == (byte) 0xEF
                && bytes[from + 1] == (byte) 0xBB
                && bytes[from + 2] == (byte) 0xBF;
        return marked ? from + 3 : from;
    }

    /** Appends U+FFFD. */
    public static void replacement(ByteWriter out) {
        out.put(REPLACEMENT);
    }

    /** Appends the UTF-8 form of a code point that is no surrogate. */
    public static void put(int codePoint, ByteWriter out) {
        if (codePoint < 0x80) {
            out.put(codePoint);
        } else if (codePoint < 0x800) {
            out.put(0xC0 | (codePoint >> 6));
            out.put(TAIL_MIN | (codePoint & 0x3F));
        } else if (codePoint < 0x10000) {
            out.put(0xE0 | (codePoint >> 12));
            out.put(TAIL_MIN | ((codePoint >> 6) & 0x3F));
            out.put(TAIL_MIN | (codePoint & 0x3F));
        } else {
            out.put(0xF0 | (codePoint >> 18));
            out.put(TAIL_MIN | ((codePoint >> 12) & 0x3F));
            out.put(TAIL_MIN | ((codePoint >> 6) & 0x3F));
            out.put(TAIL_MIN | (codePoint & 0x3F));
        }
    }

    /**
     * Looks at a byte that is no plain ASCII.
     *
     * @return the length of the character that starts there; when there is none, how many bytes to replace, negative
     */
    private static int sequence(byte[] bytes, int from, int to) {
        int lead = bytes[from] & 0xFF;
        if (lead < 0xC2 || lead > 0xF4) {
            return -1;
        }
        int length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        int min = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : TAIL_MIN;
        int max = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : TAIL_MAX;
        for (int i = 1; i < length; i++) {
            int tail = from + i < to ? bytes[from + i] & 0xFF : 0;
            if (tail < min || tail > max) {
                return -i;
            }
            min = TAIL_MIN;
            max = TAIL_MAX;
        }
        return length;
    }
}
