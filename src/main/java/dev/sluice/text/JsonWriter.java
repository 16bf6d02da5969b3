package dev.sluice.text;

/**
 * Writes the members of one JSON object as text that {@code jsonb} accepts, into a reused array. Keys and strings are
 * valid UTF-8 without NUL already (see {@link Slice}); this class escapes quotes, backslashes and control characters.
 */
public final class JsonWriter {

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

    /** Forgets what was written from {@code size} on, which is where a member of the object itself ended. */
    public void truncate(int size) {
        out.truncate(size);
        afterValue = size > 0;
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
        JsonSyntax.quote(bytes, offset, offset + length, out);
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
        JsonSyntax.quote(bytes, offset, offset + length, out);
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
}
