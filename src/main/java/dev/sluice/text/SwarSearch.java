package dev.sluice.text;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Searches eight bytes at a time: a byte of a word that becomes zero by an exclusive or, or that is small, leaves its
 * high bit after a subtraction. Only the lowest of those bits is exact, and only that one is used.
 */
public final class SwarSearch {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH = 0x8080808080808080L;
    private static final long NEWLINES = ONES * '\n';
    private static final long AFTER_NEWLINE = ONES * ('\n' + 1);
    private static final long BRACES = ONES * '{';
    private static final long BACKSLASHES = ONES * '\\';
    private static final long BLANKS = ONES * ' ';
    private static final long AFTER_BLANK = ONES * (' ' + 1);

    /** Without this bit a quote is a blank; the control characters change places with each other. */
    private static final long BIT_OF_QUOTE = ONES * ('"' ^ ' ');

    /** Added to an ASCII character, it sets the high bit of a brace and of the few after it. */
    private static final long UP_TO_BRACE = ONES * (0x80 - '{');

    /** Added to a character, they set its high bit if it is at least 'A', or beyond 'Z'. */
    private static final long FROM_A = ONES * (0x80 - 'A');

    private static final long BEYOND_Z = ONES * (0x7F - 'Z');

    private SwarSearch() {}

    /** Where the first LF is, or {@code to}. */
    public static int newline(byte[] bytes, int from, int to) {
        int i = from;
        for (; i <= to - Long.BYTES; i += Long.BYTES) {
            long found = zeros((long) LONG.get(bytes, i) ^ NEWLINES);
            if (found != 0) {
                return i + first(found);
            }
        }
        while (i < to && bytes[i] != '\n') {
            i++;
        }
        return i;
    }

    /** Where the first LF or NUL is, or {@code to}. */
    public static int newlineOrNul(byte[] bytes, int from, int to) {
        int i = from;
        for (; i <= to - Long.BYTES; i += Long.BYTES) {
            long word = (long) LONG.get(bytes, i);
            if (small(word, AFTER_NEWLINE) != 0) { // which of the small ones it is matters in few words
                long found = zeros(word) | zeros(word ^ NEWLINES);
                if (found != 0) {
                    return i + first(found);
                }
            }
        }
        while (i < to && bytes[i] != '\n' && bytes[i] != 0) {
            i++;
        }
        return i;
    }

    /** Where the first opening brace is, or the first {@code end}, which is LF or NUL; or {@code to}. */
    public static int braceOrEnd(byte[] bytes, int from, int to, byte end) {
        long ends = ONES * end;
        int i = from;
        for (; i <= to - Long.BYTES; i += Long.BYTES) {
            long word = (long) LONG.get(bytes, i);
            if ((((word + UP_TO_BRACE) & ~word & HIGH) | small(word, AFTER_NEWLINE)) != 0) {
                long found = zeros(word ^ ends) | zeros(word ^ BRACES);
                if (found != 0) {
                    return i + first(found);
                }
            }
        }
        while (i < to && bytes[i] != end && bytes[i] != '{') {
            i++;
        }
        return i;
    }

    /** Where the first of two ASCII characters is, or {@code to}. */
    public static int either(byte[] bytes, int from, int to, byte one, byte other) {
        long ones = ONES * one;
        long others = ONES * other;
        int i = from;
        for (; i <= to - Long.BYTES; i += Long.BYTES) {
            long word = (long) LONG.get(bytes, i);
            long found = zeros(word ^ ones) | zeros(word ^ others);
            if (found != 0) {
                return i + first(found);
            }
        }
        while (i < to && bytes[i] != one && bytes[i] != other) {
            i++;
        }
        return i;
    }

    /** Where the first space is, or {@code to}. */
    public static int space(byte[] bytes, int from, int to) {
        int i = from;
        for (; i <= to - Long.BYTES; i += Long.BYTES) {
            long found = zeros((long) LONG.get(bytes, i) ^ BLANKS);
            if (found != 0) {
                return i + first(found);
            }
        }
        while (i < to && bytes[i] != ' ') {
            i++;
        }
        return i;
    }

    /** Where the first byte is that is no ASCII character other than NUL, or {@code to}. */
    public static int notPlain(byte[] bytes, int from, int to) {
        int i = from;
        for (; i <= to - Long.BYTES; i += Long.BYTES) {
            long word = (long) LONG.get(bytes, i);
            long found = (word | (word - ONES)) & HIGH;
            if (found != 0) {
                return i + first(found);
            }
        }
        while (i < to && bytes[i] > 0) {
            i++;
        }
        return i;
    }

    /** Where the first quote, backslash or control character is, or {@code to}. */
    public static int stringStop(byte[] bytes, int from, int to) {
        int i = from;
        for (; i <= to - Long.BYTES; i += Long.BYTES) {
            long word = (long) LONG.get(bytes, i);
            long found = (((word ^ BIT_OF_QUOTE) - AFTER_BLANK) | ((word ^ BACKSLASHES) - ONES)) & ~word & HIGH;
            if (found != 0) {
                return i + first(found);
            }
        }
        while (i < to && !stopsString(bytes[i])) {
            i++;
        }
        return i;
    }

    /** Up to eight bytes as one number, ASCII letters in lower case. */
    public static long lowerCase(byte[] bytes, int from, int length) {
        long word = 0;
        if (from <= bytes.length - Long.BYTES) {
            word = (long) LONG.get(bytes, from);
        } else {
            for (int i = bytes.length - 1; i >= from; i--) {
                word = (word << Byte.SIZE) | (bytes[i] & 0xFF);
            }
        }
        word = length < Long.BYTES ? word & ((1L << (length * Byte.SIZE)) - 1) : word;
        long ascii = word & ~HIGH;
        long upper = ((ascii + FROM_A) ^ (ascii + BEYOND_Z)) & ~word & HIGH;
        return word | (upper >>> 2);
    }

    private static boolean stopsString(byte b) {
        return b == '"' || b == '\\' || (b >= 0 && b < ' ');
    }

    private static long zeros(long word) {
        return (word - ONES) & ~word & HIGH;
    }

    /** The high bits of ASCII characters below the one that {@code bounds} is made of. */
    private static long small(long word, long bounds) {
        return (word - bounds) & ~word & HIGH;
    }

    private static int first(long found) {
        return Long.numberOfTrailingZeros(found) >>> 3;
    }
}
