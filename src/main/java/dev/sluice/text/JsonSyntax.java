package dev.sluice.text;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** The small change of JSON text (RFC 8259 sections 2 and 7), in one place for all who read or write some. */
public final class JsonSyntax {

    private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);

    private JsonSyntax() {}

    /** After the white space that begins at {@code from}. */
    public static int spaceEnd(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && bytes[i] <= ' ' && isSpace(bytes[i])) {
            i++;
        }
        return i;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    /**
     * Where the next element or member after {@code end} starts, or the bracket that closes a text that was scanned.
     */
    public static int elementAfter(byte[] bytes, int end, int to) {
        int i = spaceEnd(bytes, end, to);
        return bytes[i] == ',' ? spaceEnd(bytes, i + 1, to) : i;
    }

    /** After the string that starts with a quote at {@code from}; {@code to} when it does not end. */
    public static int stringEnd(byte[] bytes, int from, int to) {
        int i = SwarSearch.either(bytes, from + 1, to, (byte) '"', (byte) '\\');
        while (i < to && bytes[i] == '\\') {
            i = SwarSearch.either(bytes, Math.min(i + 2, to), to, (byte) '"', (byte) '\\');
        }
        return Math.min(i + 1, to);
    }

    /** After the number, literal or other run of characters at {@code from}; at least one character on. */
    public static int wordEnd(byte[] bytes, int from, int to) {
        int i = from + 1;
        while (i < to && isWord(bytes[i])) {
            i++;
        }
        return i;
    }

    private static boolean isWord(byte b) {
        return Ascii.isDigit(b) || Ascii.isLetter(b) || b == '.' || b == '-' || b == '+';
    }

    /**
     * After the value at {@code from}. On text that is not JSON the place means nothing, but is not beyond {@code to}.
     */
    public static int valueEnd(byte[] bytes, int from, int to) {
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

    /** Whether there is a backslash in {@code bytes[from, to)}. */
    public static boolean isEscaped(byte[] bytes, int from, int to) {
        return SwarSearch.either(bytes, from, to, (byte) '\\', (byte) '\\') < to;
    }

    /** Appends a string that means {@code bytes[from, to)}, which is valid UTF-8. */
    public static void quote(byte[] bytes, int from, int to, ByteWriter out) {
        out.ensure(to - from + 2);
        out.put('"');
        escapeAll(bytes, from, to, out);
        out.put('"');
    }

    /** Appends the content of a string that means {@code bytes[from, to)}, which is valid UTF-8. */
    static void escapeAll(byte[] bytes, int from, int to, ByteWriter out) {
        int clean = from;
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if ((b >= 0 && b < ' ') || b == '"' || b == '\\') {
                out.put(bytes, clean, i - clean);
                escape(b, out);
                clean = i + 1;
            }
        }
        out.put(bytes, clean, to - clean);
    }

    /** Appends the escape of a quote, a backslash or a control character. */
    public static void escape(byte b, ByteWriter out) {
        out.put('\\');
        switch (b) {
            case '"', '\\' -> out.put(b);
            case '\n' -> out.put('n');
            case '\r' -> out.put('r');
            case '\t' -> out.put('t');
            default -> {
                out.put('u');
                out.put('0');
                out.put('0');
                out.put(HEX[b >> 4]);
                out.put(HEX[b & 15]);
            }
        }
    }

    /** What the character after a backslash means, but for {@code u}. */
    public static int unescaped(byte escape) {
        return switch (escape) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> escape;
        };
    }
}
