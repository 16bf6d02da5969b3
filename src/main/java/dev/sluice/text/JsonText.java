package dev.sluice.text;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** Copies checked JSON text: unescaped into a column, or as it stands into the attributes. */
public final class JsonText {

    private static final byte[] REPLACEMENT_ESCAPE = "\\ufffd".getBytes(US_ASCII);

    private JsonText() {}

    /**
     * Appends the text that the string's content {@code bytes[from, to)} means, U+FFFD where it is no character. What
     * is no content of a JSON string (a control character, half an escape) stays as it is.
     */
    public static void unescape(byte[] bytes, int from, int to, ByteWriter out) {
        out.ensure(to - from);
        int clean = from;
        int i = SwarSearch.stringStop(bytes, from, to);
        while (i < to) {
            out.put(bytes, clean, i - clean);
            int unit = JsonScanner.unit(bytes, i, to);
            if (bytes[i] != '\\' || i + 1 == to) {
                out.put(bytes[i]);
                clean = i + 1;
            } else if (unit < 0) {
                out.put(JsonSyntax.unescaped(bytes[i + 1]));
                clean = i + 2;
            } else if (JsonScanner.isPair(unit, bytes, i + 6, to)) {
                int low = JsonScanner.unit(bytes, i + 6, to);
                Utf8.put(Character.toCodePoint((char) unit, (char) low), out);
                clean = i + 12;
            } else if (JsonScanner.isForbidden(unit)) {
                Utf8.replacement(out);
                clean = i + 6;
            } else {
                Utf8.put(unit, out);
                clean = i + 6;
            }
            i = SwarSearch.stringStop(bytes, clean, to);
        }
        out.put(bytes, clean, to - clean);
    }

    /**
     * Appends {@code bytes[from, to)}, any JSON text, so that {@code jsonb} takes it: an escape that is no character
     * becomes that of U+FFFD, a number that is too large becomes a string. Only for texts in which the scanner met such
     * a thing.
     */
    public static void sanitize(byte[] bytes, int from, int to, ByteWriter out) {
        int[] marks = new int[1];
        JsonScanner scanner = new JsonScanner(0);
        int i = from;
        while (i < to) {
            byte b = bytes[i];
            int end = i + 1;
            if (b == '"') {
                end = JsonScanner.string(bytes, i, to, marks);
                string(bytes, i, end, out);
            } else if (b == '-' || Ascii.isDigit(b)) {
                marks[JsonScanner.FLAGS] = 0;
                end = scanner.value(bytes, i, to, 0, marks);
                number(bytes, i, end, (marks[JsonScanner.FLAGS] & JsonScanner.HUGE) != 0, out);
            } else {
                out.put(b);
            }
            i = end;
        }
    }

    private static void number(byte[] bytes, int from, int to, boolean huge, ByteWriter out) {
        if (huge) {
            out.put('"');
        }
        out.put(bytes, from, to - from);
        if (huge) {
            out.put('"');
        }
    }

    private static void string(byte[] bytes, int from, int to, ByteWriter out) {
        int i = from;
        while (i < to) {
            int length = bytes[i] == '\\' ? 2 : 1;
            int unit = JsonScanner.unit(bytes, i, to);
            boolean forbidden = false;
            if (unit >= 0) {
                boolean pair = JsonScanner.isPair(unit, bytes, i + 6, to);
                forbidden = !pair && JsonScanner.isForbidden(unit);
                length = pair ? 12 : 6;
            }
            if (forbidden) {
                out.put(REPLACEMENT_ESCAPE);
            } else {
                out.put(bytes, i, length);
            }
            i += length;
        }
    }
}
