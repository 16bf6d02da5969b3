package dev.sluice.rule;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.text.ByteWriter;
import dev.sluice.text.JsonSyntax;

/** Finds its way through JSON text. On text that is no JSON it finds nonsense, but ends and stays inside. */
final class JsonText {

    private static final int REPLACEMENT = 0xfffd;

    private JsonText() {}

    /** Behind the string that starts with a quote at {@code from}; {@code to} when it does not end. */
    static int stringEnd(byte[] bytes, int from, int to) {
        int i = from + 1;
        while (i < to && bytes[i] != '"') {
            i += bytes[i] == '\\' ? 2 : 1;
        }
        return Math.min(i + 1, to);
    }

    /** Behind the number, literal or other run of characters at {@code from}; at least one character on. */
    static int wordEnd(byte[] bytes, int from, int to) {
        int i = from + 1;
        while (i < to && isWord(bytes[i])) {
            i++;
        }
        return i;
    }

    private static boolean isWord(byte b) {
        return (b >= '0' && b <= '9')
                || (b >= 'a' && b <= 'z')
                || (b >= 'A' && b <= 'Z')
                || b == '.'
                || b == '-'
                || b == '+';
    }

    /** Behind the value at {@code from}. */
    static int valueEnd(byte[] bytes, int from, int to) {
        int depth = 0;
        int i = from;
        while (i < to) {
            switch (bytes[i]) {
                case '"' -> i = stringEnd(bytes, i, to);
                case '{', '[' -> {
                    depth++;
                    i++;
                }
                case '}', ']' -> {
                    depth--;
                    i++;
                }
                case ',', ':', ' ', '\n', '\r', '\t' -> i++;
                default -> i = wordEnd(bytes, i, to);
            }
            if (depth <= 0) {
                return i;
            }
        }
        return to;
    }

    static boolean isEscaped(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\\') {
                return true;
            }
        }
        return false;
    }

    /** Appends what the string's content {@code bytes[from, to)} means, U+FFFD where it is no character. */
    static void unescape(byte[] bytes, int from, int to, ByteWriter out) {
        int i = from;
        while (i < to) {
            if (bytes[i] != '\\' || i + 1 == to) {
                out.put(bytes[i++]);
            } else if (bytes[i + 1] != 'u') {
                out.put(JsonSyntax.unescaped(bytes[i + 1]));
                i += 2;
            } else {
                int unit = unit(bytes, i, to);
                int low = Character.isHighSurrogate((char) unit) ? unit(bytes, i + 6, to) : 0;
                boolean pair = low > 0 && Character.isLowSurrogate((char) low);
                int point = pair ? Character.toCodePoint((char) unit, (char) low) : unit;
                boolean forbidden = point <= 0 || (point >= 0xd800 && point <= 0xdfff);
                out.put(Character.toString(forbidden ? REPLACEMENT : point).getBytes(UTF_8));
                i = Math.min(i + (pair ? 12 : 6), to);
            }
        }
    }

    /** The UTF-16 unit of the escape at {@code from}, or 0. */
    private static int unit(byte[] bytes, int from, int to) {
        if (to - from < 6 || bytes[from] != '\\' || bytes[from + 1] != 'u') {
            return 0;
        }
        int unit = 0;
        for (int i = from + 2; i < from + 6; i++) {
            int digit = bytes[i] < 0 ? -1 : Character.digit(bytes[i], 16);
            if (digit < 0) {
                return 0;
            }
            unit = unit << 4 | digit;
        }
        return unit;
    }
}
