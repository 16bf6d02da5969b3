package dev.sluice.text;

/**
 * A scanner of RFC 8259 texts, strict because what it accepts is copied into {@code jsonb} as it stands, but for what
 * it notes as {@link JsonFlags#NOT_JSONB}, which {@link JsonText#sanitize} mends. It makes nothing: each method returns
 * where the thing ends, or where it went wrong as a negative number ({@code ~position}).
 */
public final class JsonScanner {

    /** The result when objects and arrays are nested too deeply. */
    public static final int TOO_DEEP = Integer.MIN_VALUE;

    /** PostgreSQL takes 131 072 digits before the point and 16 383 after it; these are surely within. */
    private static final int INTEGER_DIGITS_MAX = 100_000;

    private static final int FRACTION_DIGITS_MAX = 16_000;
    private static final int EXPONENT_MAX = 1_000_000;

    /**
     * PostgreSQL keeps {@code 1e99999} in a few bytes and gives it back with all of its zeros: an event of 100 KB of
     * such numbers could be stored, and no query or dump that met its row could read it. No double is beyond this.
     */
    private static final int SHIFT_MAX = 400;

    private final int depthMax;

    public JsonScanner(int depthMax) {
        this.depthMax = depthMax;
    }

    /** Scans the value that starts at {@code i}, itself at the given depth. */
    public int value(byte[] bytes, int i, int to, int depth, JsonFlags flags) {
        if (i >= to) {
            return ~to;
        }
        return switch (bytes[i]) {
            case '"' -> string(bytes, i, to, flags);
            case '{' -> depth > depthMax ? TOO_DEEP : object(bytes, i, to, depth, flags);
            case '[' -> depth > depthMax ? TOO_DEEP : array(bytes, i, to, depth, flags);
            case 't' -> literal(bytes, i, to, "true");
            case 'f' -> literal(bytes, i, to, "false");
            case 'n' -> literal(bytes, i, to, "null");
            default -> number(bytes, i, to, flags);
        };
    }

    private int object(byte[] bytes, int from, int to, int depth, JsonFlags flags) {
        int i = JsonSyntax.spaceEnd(bytes, from + 1, to);
        if (i < to && bytes[i] == '}') {
            return i + 1;
        }
        while (true) {
            int colon = colon(bytes, string(bytes, i, to, flags), to);
            if (colon < 0) {
                return colon;
            }
            int end = value(bytes, JsonSyntax.spaceEnd(bytes, colon, to), to, depth + 1, flags);
            if (end < 0) {
                return end;
            }
            i = JsonSyntax.spaceEnd(bytes, end, to);
            if (i == to || bytes[i] != ',') {
                return i < to && bytes[i] == '}' ? i + 1 : ~i;
            }
            i = JsonSyntax.spaceEnd(bytes, i + 1, to);
            if (i < to && bytes[i] == '}') {
                flags.add(JsonFlags.LOOSE);
                return i + 1;
            }
        }
    }

    private int array(byte[] bytes, int from, int to, int depth, JsonFlags flags) {
        int i = JsonSyntax.spaceEnd(bytes, from + 1, to);
        if (i < to && bytes[i] == ']') {
            return i + 1;
        }
        while (true) {
            int end = value(bytes, i, to, depth + 1, flags);
            if (end < 0) {
                return end;
            }
            i = JsonSyntax.spaceEnd(bytes, end, to);
            if (i == to || bytes[i] != ',') {
                return i < to && bytes[i] == ']' ? i + 1 : ~i;
            }
            i = JsonSyntax.spaceEnd(bytes, i + 1, to);
            if (i < to && bytes[i] == ']') {
                flags.add(JsonFlags.LOOSE);
                return i + 1;
            }
        }
    }

    /** Scans the colon after a key that ends at {@code from}, or went wrong there. */
    public static int colon(byte[] bytes, int from, int to) {
        if (from < 0) {
            return from;
        }
        int colon = JsonSyntax.spaceEnd(bytes, from, to);
        return colon < to && bytes[colon] == ':' ? colon + 1 : ~colon;
    }

    /** Scans a string, quotes included. */
    public static int string(byte[] bytes, int from, int to, JsonFlags flags) {
        if (from >= to || bytes[from] != '"') {
            return ~from;
        }
        int i = SwarSearch.stringStop(bytes, from + 1, to);
        while (i < to && bytes[i] == '\\') {
            flags.add(JsonFlags.ESCAPED);
            i = escape(bytes, i, to, flags);
            if (i < 0) {
                return i;
            }
            i = SwarSearch.stringStop(bytes, i, to);
        }
        return i < to && bytes[i] == '"' ? i + 1 : ~i;
    }

    /** The UTF-16 unit of a backslash-u escape at {@code from}, or -1 if there is none. */
    public static int unit(byte[] bytes, int from, int to) {
        if (to - from < 6 || bytes[from] != '\\' || bytes[from + 1] != 'u') {
            return -1;
        }
        int unit = 0;
        for (int i = from + 2; i < from + 6; i++) {
            int digit = bytes[i] < 0 ? -1 : Character.digit(bytes[i], 16);
            if (digit < 0) {
                return -1;
            }
            unit = unit << 4 | digit;
        }
        return unit;
    }

    /** Whether an escape of {@code unit} is followed by the second half of the same character. */
    public static boolean isPair(int unit, byte[] bytes, int next, int to) {
        if (unit < 0xD800 || unit > 0xDBFF) {
            return false;
        }
        int low = unit(bytes, next, to);
        return low >= 0xDC00 && low <= 0xDFFF;
    }

    /** Whether a UTF-16 unit that is no part of a pair is no character for {@code jsonb}. */
    public static boolean isForbidden(int unit) {
        return unit == 0 || (unit >= 0xD800 && unit <= 0xDFFF);
    }

    private static int escape(byte[] bytes, int from, int to, JsonFlags flags) {
        if (from + 1 >= to) {
            return ~to;
        }
        return switch (bytes[from + 1]) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> from + 2;
            case 'u' -> {
                int unit = unit(bytes, from, to);
                if (isPair(unit, bytes, from + 6, to)) {
                    yield from + 12;
                }
                if (isForbidden(unit)) {
                    flags.add(JsonFlags.FORBIDDEN);
                }
                yield unit < 0 ? ~from : from + 6;
            }
            case 'x' -> {
                boolean hex = to - from > 3 && Ascii.isHex(bytes[from + 2]) && Ascii.isHex(bytes[from + 3]);
                flags.add(hex ? JsonFlags.LOOSE : 0);
                yield hex ? from + 4 : ~from;
            }
            default -> ~from;
        };
    }

    /** After {@code NaN}, {@code Infinity} or {@code Inf}, which may have a sign, at {@code from}; -1 if it is none. */
    static int notFiniteEnd(byte[] bytes, int from, int to) {
        int i = from < to && (bytes[from] == '-' || bytes[from] == '+') ? from + 1 : from;
        if (i >= to || (bytes[i] != 'N' && bytes[i] != 'I')) {
            return -1;
        }
        int end = literal(bytes, i, to, bytes[i] == 'N' ? "NaN" : "Infinity");
        end = end < 0 && bytes[i] == 'I' ? literal(bytes, i, to, "Inf") : end;
        return end > 0 && (end == to || !Ascii.isLetter(bytes[end])) ? end : -1;
    }

    private static int literal(byte[] bytes, int from, int to, String word) {
        for (int i = 0; i < word.length(); i++) {
            if (from + i >= to || bytes[from + i] != word.charAt(i)) {
                return ~(from + i);
            }
        }
        return from + word.length();
    }

    private static int number(byte[] bytes, int from, int to, JsonFlags flags) {
        int start = bytes[from] == '-' ? from + 1 : from;
        int point = Ascii.digitsEnd(bytes, start, to);
        if (point == start) {
            int end = notFiniteEnd(bytes, from, to);
            flags.add(end > 0 ? JsonFlags.LOOSE : 0);
            return end > 0 ? end : ~start;
        }
        if (bytes[start] == '0' && point > start + 1) {
            return ~start;
        }
        int end = point;
        if (point < to && bytes[point] == '.') {
            end = Ascii.digitsEnd(bytes, point + 1, to);
            if (end == point + 1) {
                return ~end;
            }
        }
        int fraction = Math.max(end - point - 1, 0);
        int exponent = 0;
        if (end < to && (bytes[end] == 'e' || bytes[end] == 'E')) {
            int sign = end + 1 < to && (bytes[end + 1] == '-' || bytes[end + 1] == '+') ? end + 2 : end + 1;
            int exponentEnd = Ascii.digitsEnd(bytes, sign, to);
            if (exponentEnd == sign) {
                return ~sign;
            }
            exponent = exponent(bytes, sign, exponentEnd);
            exponent = bytes[sign - 1] == '-' ? -exponent : exponent;
            end = exponentEnd;
        }
        boolean isLong = point - start + exponent > INTEGER_DIGITS_MAX || fraction - exponent > FRACTION_DIGITS_MAX;
        if (isLong || Math.abs(exponent) > SHIFT_MAX) {
            flags.add(JsonFlags.HUGE);
        }
        return end;
    }

    private static int exponent(byte[] bytes, int from, int to) {
        int exponent = 0;
        for (int i = from; i < to; i++) {
            exponent = Math.min(exponent * 10 + bytes[i] - '0', EXPONENT_MAX);
        }
        return exponent;
    }
}
