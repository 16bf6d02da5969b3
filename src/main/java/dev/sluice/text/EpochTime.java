package dev.sluice.text;

import static dev.sluice.text.IsoTime.NO_TIME;

/**
 * Times as numbers since 1970. The unit is told by the magnitude: seconds from 10^8 (1973; smaller numbers are
 * durations, counters or years), milliseconds from 10^11, microseconds from 10^14, nanoseconds from 10^17, each up to
 * the year 2286. Fractions and exponents are fine.
 */
public final class EpochTime {

    private static final int DIGITS_MAX = 18;
    private static final int EXPONENT_MAX = 40;
    private static final int MAGNITUDE_MIN = 9;
    private static final int MAGNITUDE_MAX = 20;

    private EpochTime() {}

    /**
     * Decodes a number of RFC 8259 that fills {@code bytes[from, to)}: microseconds since the epoch, or
     * {@code NO_TIME}.
     */
    public static long micros(byte[] bytes, int from, int to) {
        boolean negative = from < to && bytes[from] == '-';
        long digits = 0;
        int count = 0;
        int exponent = 0;
        boolean fraction = false;
        int i = negative ? from + 1 : from;
        for (; i < to && (Ascii.isDigit(bytes[i]) || (bytes[i] == '.' && !fraction)); i++) {
            if (bytes[i] == '.') {
                fraction = true;
                continue;
            }
            boolean kept = count < DIGITS_MAX;
            digits = kept ? digits * 10 + bytes[i] - '0' : digits;
            count += digits > 0 && kept ? 1 : 0;
            exponent += kept ? (fraction ? -1 : 0) : (fraction ? 0 : 1);
        }
        if (i < to) {
            int more = exponent(bytes, i, to);
            if (more == Integer.MIN_VALUE) {
                return NO_TIME;
            }
            exponent += more;
        }
        long micros = scale(digits, exponent);
        return micros == NO_TIME || !negative ? micros : -micros;
    }

    /** The microseconds that {@code digits} times ten to the {@code exponent} mean. */
    private static long scale(long digits, int exponent) {
        int magnitude = digits == 0 ? 0 : length(digits) + exponent;
        if (magnitude < MAGNITUDE_MIN || magnitude > MAGNITUDE_MAX) {
            return NO_TIME;
        }
        if (magnitude % 3 == 2 && magnitude > MAGNITUDE_MIN) {
            return NO_TIME; // after 2286, so that it is something else: a date of fourteen digits
        }
        int unit = magnitude <= 11 ? 6 : magnitude <= 14 ? 3 : magnitude <= 17 ? 0 : -3;
        long micros = digits;
        int shift = exponent + unit;
        for (; shift < 0 && micros != 0; shift++) {
            micros /= 10;
        }
        for (; shift > 0 && micros != 0; shift--) {
            if (micros > Long.MAX_VALUE / 10) {
                return NO_TIME;
            }
            micros *= 10;
        }
        return micros;
    }

    private static int length(long digits) {
        int length = 0;
        for (long rest = digits; rest > 0; rest /= 10) {
            length++;
        }
        return length;
    }

    private static int exponent(byte[] bytes, int from, int to) {
        int sign = from + 1 < to && (bytes[from + 1] == '-' || bytes[from + 1] == '+') ? from + 2 : from + 1;
        if ((bytes[from] | 0x20) != 'e' || sign >= to) {
            return Integer.MIN_VALUE;
        }
        int exponent = 0;
        for (int i = sign; i < to; i++) {
            if (!Ascii.isDigit(bytes[i])) {
                return Integer.MIN_VALUE;
            }
            exponent = Math.min(exponent * 10 + bytes[i] - '0', EXPONENT_MAX);
        }
        return bytes[sign - 1] == '-' ? -exponent : exponent;
    }
}
