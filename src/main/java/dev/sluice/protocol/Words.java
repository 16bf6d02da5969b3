package dev.sluice.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Searches eight bytes at a time: a byte of a word that becomes zero by an exclusive or, or that is small, leaves its
 * high bit after a subtraction. Only the lowest of those bits is exact, and only that one is used.
 */
final class Words {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH = 0x8080808080808080L;
    private static final long NEWLINES = ONES * '\n';
    private static final long QUOTES = ONES * '"';
    private static final long BACKSLASHES = ONES * '\\';
    private static final long BLANKS = ONES * ' ';

    private Words() {}

    /** Where the first LF is, or {@code to}. */
    static int newline(byte[] bytes, int from, int to) {
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
    static int newlineOrNul(byte[] bytes, int from, int to) {
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

    /** Where the first byte is that is no ASCII character other than NUL, or {@code to}. */
    static int notPlain(byte[] bytes, int from, int to) {
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
    static int stringStop(byte[] bytes, int from, int to) {
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
