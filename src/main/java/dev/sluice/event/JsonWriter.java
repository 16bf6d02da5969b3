package dev.sluice.event;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Writes the members of one JSON object as text that {@code jsonb} accepts, into a reused array. Keys and strings are
 * valid UTF-8 without NUL already (see {@link Slice}); this class escapes quotes, backslashes and control characters.
 */
public final class JsonWriter {

    private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);

    private final ByteWriter out;
    private boolean afterValue;

    /** A writer whose array starts with {@code capacity} bytes. */
    public JsonWriter(int capacity) {
        out = new ByteWriter(capacity);
    }

    /** Forgets everything. */
    public void clear() {
        out.truncate(0);
        afterValue = false;
    }

    /** Whether nothing was written: the column becomes null. */
    public boolean isEmpty() {
        return out.size() == 0;
    }

    /**
     * The text written so far: the members without the outer braces, which the row encoder adds. For processors and
     * encoders; decoders may also append raw, already valid JSON text to it after {@link #key}.
     */
    public ByteWriter text() {
        return out;
    }

    /** Starts a member: comma where needed, the quoted key, a colon. A value must follow. */
    public JsonWriter key(byte[] bytes, int offset, int length) {
        separate();
        quoted(bytes, offset, length);
        out.put(':');
        afterValue = false;
        return this;
    }

    /** Starts a member with a constant ASCII or UTF-8 key. */
    public JsonWriter key(byte[] key) {
        return key(key, 0, key.length);
    }

    /** Starts a member with a key that is JSON text already: quoted, escaped, checked. */
    public JsonWriter rawKey(byte[] bytes, int offset, int length) {
        separate();
        out.put(bytes, offset, length);
        out.put(':');
        return this;
    }

    /** Writes a string value, escaped and quoted. */
    public void string(byte[] bytes, int offset, int length) {
        separate();
        quoted(bytes, offset, length);
        afterValue = true;
    }

    /** Writes a value that is valid JSON text already (a number, a literal, a checked nested value). */
    public void raw(byte[] bytes, int offset, int length) {
        separate();
        out.put(bytes, offset, length);
        afterValue = true;
    }

    /** Opens a nested object or array: '{' or '['. */
    public void open(char bracket) {
        separate();
        out.put(bracket);
        afterValue = false;
    }

    /** Closes a nested object or array: '}' or ']'. */
    public void close(char bracket) {
        out.put(bracket);
        afterValue = true;
    }

    private void separate() {
        if (afterValue) {
            out.put(',');
            afterValue = false;
        }
    }

    private void quoted(byte[] bytes, int offset, int length) {
        out.ensure(length + 2);
        out.put('"');
        int clean = offset;
        int end = offset + length;
        for (int i = offset; i < end; i++) {
            byte b = bytes[i];
            if ((b >= 0 && b < ' ') || b == '"' || b == '\\') {
                out.put(bytes, clean, i - clean);
                escape(b);
                clean = i + 1;
            }
        }
        out.put(bytes, clean, end - clean);
        out.put('"');
    }

    private void escape(byte b) {
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
}
