package dev.sluice.text;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** The small change of JSON text (RFC 8259 sections 2 and 7), in one place for all who read or write some. */
public final class JsonSyntax {

    private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);

    private JsonSyntax() {}

    /** Behind the white space that begins at {@code from}. */
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

    /** Appends a string that means {@code bytes[from, to)}, which is valid UTF-8. */
    public static void quote(byte[] bytes, int from, int to, ByteWriter out) {
        out.ensure(to - from + 2);
        out.put('"');
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
        out.put('"');
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

    /** What the character behind a backslash means, but for {@code u}. */
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
