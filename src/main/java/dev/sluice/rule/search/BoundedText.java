package dev.sluice.rule.search;

/**
 * UTF-8 as the engine of expressions reads text, of which it may read only so much: all searches together a number of
 * characters that grows with the text as the text does. One instance a worker.
 */
final class BoundedText implements CharSequence {

    /**
     * The engine reads a character three times in a search, and around each match once more: up to 18 times in a text
     * that is nothing but matches of one character with a group. The rest is for matches that look further than they
     * reach.
     */
    private static final int READS_PER_CHARACTER = 24;

    private static final int READS_FREE = 8192;

    private static final byte[] NOTHING = {};
    private static final char[] NONE = {};
    private static final int REPLACEMENT = 0xfffd;

    private byte[] bytes = NOTHING;
    private int from;
    private int to;

    /** What is beyond ASCII, decoded; else empty, as the bytes are the characters. */
    private char[] decoded = NONE;

    private int length;
    private long readsLeft;

    /** A place in the characters, and the same place in the bytes; places are asked for from left to right. */
    private int character;

    private int place;

    /** No search may go on in this text: it would read too much. */
    static final class UsedUp extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private UsedUp() {
            super("The searches in one text read too much", null, false, false);
        }
    }

    /** The text {@code of[first, after)}, which stays as it is while it is searched. */
    void begin(byte[] of, int first, int after) {
        bytes = of;
        from = first;
        to = after;
        length = after - first;
        decoded = isAscii() ? NONE : decode();
        readsLeft = READS_FREE + (long) READS_PER_CHARACTER * length;
        character = 0;
        place = first;
    }

    /** Lets go of the text, which may be long. */
    void end() {
        begin(NOTHING, 0, 0);
    }

    private boolean isAscii() {
        int all = 0;
        for (int i = from; i < to; i++) {
            all |= bytes[i];
        }
        return all >= 0;
    }

    private char[] decode() {
        char[] characters = new char[length];
        int count = 0;
        int i = from;
        while (i < to) {
            int width = width(i);
            count += Character.toChars(point(i, width), characters, count);
            i += width;
        }
        length = count;
        return characters;
    }

    /** How many bytes the character at {@code i} has; what is no UTF-8 is a character a byte. */
    private int width(int i) {
        int lead = bytes[i] & 0xff;
        int width = lead < 0xc2 || lead > 0xf4 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        for (int next = i + 1; next < i + width; next++) {
            if (next == to || (bytes[next] & 0xc0) != 0x80) {
                return 1;
            }
        }
        return width;
    }

    private int point(int i, int width) {
        if (width == 1) {
            return bytes[i] < 0 ? REPLACEMENT : bytes[i];
        }
        int point = bytes[i] & (0xff >> (width + 1));
        for (int next = i + 1; next < i + width; next++) {
            point = point << 6 | (bytes[next] & 0x3f);
        }
        return point > Character.MAX_CODE_POINT ? REPLACEMENT : point;
    }

    /** Where in the bytes a character begins; never one before the last that was asked for. */
    int place(int index) {
        if (decoded.length == 0) {
            return from + index;
        }
        while (character < index) {
            int width = width(place);
            character += Character.charCount(point(place, width));
            place += width;
        }
        return place;
    }

    @Override
    public char charAt(int index) {
        if (--readsLeft < 0) {
            throw new UsedUp();
        }
        return decoded.length == 0 ? (char) bytes[from + index] : decoded[index];
    }

    @Override
    public int length() {
        return length;
    }

    /** Only for a debugger; the engine asks for no part of a text. */
    @Override
    public CharSequence subSequence(int start, int end) {
        return toString().substring(start, end);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(decoded.length == 0 ? (char) bytes[from + i] : decoded[i]);
        }
        return text.toString();
    }
}
