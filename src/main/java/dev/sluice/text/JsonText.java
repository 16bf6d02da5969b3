package dev.sluice.text;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;

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
            } else if (isByte(bytes, i, to)) {
                clean = bytes(bytes, i, to, out);
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
     * becomes that of U+FFFD, a number that is too large or not finite becomes a string, a comma too many goes. Only
     * for texts in which the scanner met such a thing.
     */
    public static void sanitize(byte[] bytes, int from, int to, ByteWriter out) {
        JsonFlags flags = new JsonFlags();
        JsonScanner scanner = new JsonScanner(0);
        int i = from;
        while (i < to) {
            byte b = bytes[i];
            int end = i + 1;
            int notFinite = JsonScanner.notFiniteEnd(bytes, i, to);
            if (notFinite > 0) {
                end = notFinite;
                number(bytes, i, end, true, out);
            } else if (b == ',' && isClosed(bytes, end, to)) {
                end = JsonSyntax.spaceEnd(bytes, end, to);
            } else if (b == '"') {
                end = JsonScanner.string(bytes, i, to, flags);
                string(bytes, i, end, out);
            } else if (b == '-' || Ascii.isDigit(b)) {
                flags.take();
                end = scanner.value(bytes, i, to, 0, flags);
                number(bytes, i, end, (flags.take() & JsonFlags.HUGE) != 0, out);
            } else {
                out.put(b);
            }
            i = end;
        }
    }

    private static boolean isClosed(byte[] bytes, int from, int to) {
        int i = JsonSyntax.spaceEnd(bytes, from, to);
        return i < to && (bytes[i] == '}' || bytes[i] == ']');
    }

    /** Whether there is a byte as two hexadecimal digits, as nginx writes it: {@code \x22}. */
    private static boolean isByte(byte[] bytes, int from, int to) {
        return to - from > 3
                && bytes[from] == '\\'
                && bytes[from + 1] == 'x'
                && Ascii.isHex(bytes[from + 2])
                && Ascii.isHex(bytes[from + 3]);
    }

    /** Appends the text of all such bytes from {@code from} on, as UTF-8 that is valid; returns where they end. */
    private static int bytes(byte[] bytes, int from, int to, ByteWriter out) {
        ByteWriter raw = new ByteWriter(16);
        int i = from;
        while (isByte(bytes, i, to)) {
            raw.put(Character.digit(bytes[i + 2], 16) << 4 | Character.digit(bytes[i + 3], 16));
            i += 4;
        }
        Utf8.repair(raw.array(), 0, raw.size(), out);
        return i;
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
            if (isByte(bytes, i, to)) {
                int start = out.size();
                int end = bytes(bytes, i, to, out);
                byte[] text = Arrays.copyOfRange(out.array(), start, out.size());
                out.truncate(start);
                JsonSyntax.escapeAll(text, 0, text.length, out);
                i = end;
                continue;
            }
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
