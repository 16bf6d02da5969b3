package dev.sluice.rule;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.text.Ascii;
import dev.sluice.text.JsonSyntax;

/**
 * Checks that text is JSON (RFC 8259) before it is copied into the attributes, where {@code jsonb} is strict. Depth is
 * bounded. One instance a worker.
 */
final class JsonCheck {

    private static final int DEPTH_MAX = 32;
    private static final int DIGITS_MAX = 64;
    private static final int EXPONENT_DIGITS_MAX = 3;

    private boolean odd;

    /** Behind the value at {@code from}, or -1. */
    int end(byte[] bytes, int from, int to) {
        odd = false;
        return value(bytes, from, to, 0);
    }

    /** Whether {@code jsonb} may refuse the last value although it is JSON: escapes of no character, huge numbers. */
    boolean isOdd() {
        return odd;
    }

    private int value(byte[] bytes, int from, int to, int depth) {
        if (from >= to || depth > DEPTH_MAX) {
            return -1;
        }
        return switch (bytes[from]) {
            case '"' -> string(bytes, from, to);
            case '{' -> members(bytes, from, to, depth, true);
            case '[' -> members(bytes, from, to, depth, false);
            default -> word(bytes, from, to);
        };
    }

    private int members(byte[] bytes, int from, int to, int depth, boolean named) {
        byte close = (byte) (named ? '}' : ']');
        int i = JsonSyntax.spaceEnd(bytes, from + 1, to);
        if (i < to && bytes[i] == close) {
            return i + 1;
        }
        while (i < to) {
            if (named) {
                i = bytes[i] == '"' ? string(bytes, i, to) : -1;
                i = i < 0 ? -1 : JsonSyntax.spaceEnd(bytes, i, to);
                if (i < 0 || i == to || bytes[i] != ':') {
                    return -1;
                }
                i = JsonSyntax.spaceEnd(bytes, i + 1, to);
            }
            i = value(bytes, i, to, depth + 1);
            i = i < 0 ? to : JsonSyntax.spaceEnd(bytes, i, to);
            if (i < to && bytes[i] == close) {
                return i + 1;
            }
            if (i == to || bytes[i] != ',') {
                return -1;
            }
            i = JsonSyntax.spaceEnd(bytes, i + 1, to);
        }
        return -1;
    }

    private int string(byte[] bytes, int from, int to) {
        int i = from + 1;
        while (i < to && bytes[i] != '"') {
            if (bytes[i] >= 0 && bytes[i] < ' ') {
                return -1;
            }
            if (bytes[i] != '\\') {
                i++;
            } else if (i + 1 < to && "\"\\/bfnrt".indexOf(bytes[i + 1]) >= 0) {
                i += 2;
            } else if (isUnit(bytes, i, to)) {
                boolean surrogate = (bytes[i + 2] | 0x20) == 'd' && bytes[i + 3] >= '8';
                odd |= surrogate
                        || (bytes[i + 2] == '0' && bytes[i + 3] == '0' && bytes[i + 4] == '0' && bytes[i + 5] == '0');
                i += 6;
            } else {
                return -1;
            }
        }
        return i < to ? i + 1 : -1;
    }

    private static boolean isUnit(byte[] bytes, int from, int to) {
        return to - from > 6
                && bytes[from + 1] == 'u'
                && Ascii.isHex(bytes[from + 2])
                && Ascii.isHex(bytes[from + 3])
                && Ascii.isHex(bytes[from + 4])
                && Ascii.isHex(bytes[from + 5]);
    }

    private int word(byte[] bytes, int from, int to) {
        if (bytes[from] == '-' || Ascii.isDigit(bytes[from])) {
            return number(bytes, from, to);
        }
        int end = JsonText.wordEnd(bytes, from, to);
        String word = end - from > 5 ? "" : new String(bytes, from, end - from, US_ASCII);
        return word.equals("true") || word.equals("false") || word.equals("null") ? end : -1;
    }

    private int number(byte[] bytes, int from, int to) {
        int start = bytes[from] == '-' ? from + 1 : from;
        int i = digits(bytes, start, to);
        if (i == start || (bytes[start] == '0' && i > start + 1)) {
            return -1;
        }
        if (i < to && bytes[i] == '.') {
            int fraction = digits(bytes, i + 1, to);
            if (fraction == i + 1) {
                return -1;
            }
            i = fraction;
        }
        odd |= i - from > DIGITS_MAX;
        if (i < to && (bytes[i] | 0x20) == 'e') {
            int sign = i + 1 < to && (bytes[i + 1] == '-' || bytes[i + 1] == '+') ? i + 2 : i + 1;
            i = digits(bytes, sign, to);
            odd |= i - sign > EXPONENT_DIGITS_MAX;
            if (i == sign) {
                return -1;
            }
        }
        return i;
    }

    private static int digits(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && Ascii.isDigit(bytes[i])) {
            i++;
        }
        return i;
    }
}
