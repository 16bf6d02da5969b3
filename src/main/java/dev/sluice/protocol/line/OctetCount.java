package dev.sluice.protocol.line;

import dev.sluice.text.Ascii;

/** The count that stands before an octet-counted frame (RFC 6587 section 3.4.1), and the space after it. */
public final class OctetCount {

    /** There is no count. */
    public static final int NONE = 0;

    /** More bytes are needed to tell. */
    public static final int UNDECIDED = -1;

    /** More digits are no count: 999 999 999 bytes are beyond any sender, and a longer number would overflow. */
    private static final int DIGITS_MAX = 9;

    private static final int PRI_DIGITS_MAX = 3;

    /** A count and its space. */
    public static final int BYTES_MAX = DIGITS_MAX + 1;

    /** A count, its space and a PRI: so much is looked at to tell. */
    static final int PRI_BYTES_MAX = BYTES_MAX + PRI_DIGITS_MAX + 2;

    private OctetCount() {}

    /** How long the count at {@code from} is, its space included; or {@link #NONE}, or {@link #UNDECIDED}. */
    public static int size(byte[] bytes, int from, int to) {
        int space = Ascii.digitsEnd(bytes, from, Math.min(to, from + DIGITS_MAX));
        if (space >= to) {
            return UNDECIDED;
        }
        return space > from && bytes[space] == ' ' ? space - from + 1 : NONE;
    }

    /** As {@link #size}, but only where a PRI that fits into the count follows, as it does in RFC 5424 and 3164. */
    public static int sizeBeforePri(byte[] bytes, int from, int to) {
        int size = from < to && bytes[from] == '0' ? NONE : size(bytes, from, to);
        if (size <= 0) {
            return size;
        }
        int priEnd = priEnd(bytes, from + size, to);
        if (priEnd <= 0) {
            return priEnd;
        }
        return value(bytes, from) >= priEnd - from - size ? size : NONE;
    }

    /** Where the PRI at {@code from} ends; or {@link #NONE}, or {@link #UNDECIDED}. */
    public static int priEnd(byte[] bytes, int from, int to) {
        if (from >= to) {
            return UNDECIDED;
        }
        if (bytes[from] != '<') {
            return NONE;
        }
        int close = Ascii.digitsEnd(bytes, from + 1, Math.min(to, from + 1 + PRI_DIGITS_MAX));
        if (close == to) {
            return UNDECIDED;
        }
        return bytes[close] == '>' && close > from + 1 ? close + 1 : NONE;
    }

    /** The count at {@code from}, which is one. */
    public static int value(byte[] bytes, int from) {
        return Ascii.number(bytes, from, Ascii.digitsEnd(bytes, from, bytes.length));
    }
}
