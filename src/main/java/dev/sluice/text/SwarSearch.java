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
    private static final long QUOTES = ONES * '"';
    private static final long BACKSLASHES = ONES * '\\';
    private static final long BLANKS = ONES * ' ';

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

    /** Where the first NUL is, or {@code to}. */
    public static int nul(byte[] bytes, int from, int to) {
        int i = from;
        for (; i <= to - Long.BYTES; i += Long.BYTES) {
            long found = zeros((long) LONG.get(bytes, i));
            if (found != 0) {
                return i + first(found);
            }
        }
        while (i < to && bytes[i] != 0) {
            i++;
        }
        return i;
    }

    /** Where the first LF or NUL is, or {@code to}. */
    public static int newlineOrNul(byte[] bytes, int from, int to) {
        int i = from;
        for (; i <= to - Long.BYTES; i += Long.BYTES) {
            long word = (long) LONG.get(bytes, i);
            long found = zeros(word) | zeros(word ^ NEWLINES);
            if (found != 0) {
                return i + first(found);
            }
        }
        while (i < to && bytes[i] != '\n' && bytes[i] != 0) {
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
            long found = (word & HIGH) | zeros(word);
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
            long found = zeros(word ^ QUOTES) | zeros(word ^ BACKSLASHES) | ((word - BLANKS) & ~word & HIGH);
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

    private static int first(long found) {
        return Long.numberOfTrailingZeros(found) >>> 3;
    }
}
