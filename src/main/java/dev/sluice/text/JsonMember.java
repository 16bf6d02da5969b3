package dev.sluice.text;

import java.util.Arrays;

/** Where the key and the value of one member of a JSON object stand, and what the scanner met in them. Reused. */
public final class JsonMember {

    private final JsonFlags flags = new JsonFlags();
    private int keyFrom;
    private int keyTo;
    private int keyFlags;
    private int valueFrom;
    private int valueTo;
    private int valueFlags;

    /**
     * Scans the member that starts at {@code i}.
     *
     * @param depth that of its value
     * @return where the value ends, or what {@link JsonScanner} says of a text that is no JSON
     */
    public int scan(byte[] bytes, int i, int to, int depth, JsonScanner scanner) {
        flags.take();
        keyFrom = i;
        keyTo = JsonScanner.string(bytes, i, to, flags);
        keyFlags = flags.take();
        int colon = JsonScanner.colon(bytes, keyTo, to);
        if (colon < 0) {
            return colon;
        }
        valueFrom = JsonSyntax.spaceEnd(bytes, colon, to);
        valueTo = scanner.value(bytes, valueFrom, to, depth, flags);
        valueFlags = flags.take();
        return valueTo;
    }

    /**
     * Scans the member at {@code i} of an object that was scanned before; returns where the next starts, or a brace.
     */
    public int next(byte[] bytes, int i, int to, JsonScanner scanner) {
        return JsonSyntax.elementAfter(bytes, scan(bytes, i, to, 0, scanner), to);
    }

    /** Takes the value of {@code other}, which is a string, for its key. */
    public void keyOf(JsonMember other) {
        keyFrom = other.valueFrom;
        keyTo = other.valueTo;
        keyFlags = other.valueFlags;
    }

    /** Takes the value of {@code other} for its own. */
    public void valueOf(JsonMember other) {
        valueFrom = other.valueFrom;
        valueTo = other.valueTo;
        valueFlags = other.valueFlags;
    }

    /** Whether its key is {@code key}, quotes included. */
    public boolean hasKey(byte[] key, byte[] bytes) {
        return Arrays.equals(bytes, keyFrom, keyTo, key, 0, key.length);
    }

    /** Where the key starts, with its quote. */
    public int keyFrom() {
        return keyFrom;
    }

    /** Where the key ends, with its quote. */
    public int keyTo() {
        return keyTo;
    }

    /** What the scanner met in the key: bits of {@link JsonFlags}. */
    public int keyFlags() {
        return keyFlags;
    }

    /** Where the value starts, a string's with its quote. */
    public int valueFrom() {
        return valueFrom;
    }

    /** Where the value ends, a string's with its quote. */
    public int valueTo() {
        return valueTo;
    }

    /** What the scanner met in the value: bits of {@link JsonFlags}. */
    public int valueFlags() {
        return valueFlags;
    }

    /** Whether the value is a string. */
    public boolean isText(byte[] bytes) {
        return bytes[valueFrom] == '"';
    }

    /** Whether the value is a string with nothing in it. */
    public boolean isEmptyText(byte[] bytes) {
        return isText(bytes) && valueTo - valueFrom == 2;
    }

    /** Whether the value is a string with escapes. */
    public boolean isEscapedText(byte[] bytes) {
        return isText(bytes) && (valueFlags & JsonFlags.ESCAPED) != 0;
    }

    /** Where the text of the value starts, without a quote. */
    public int textFrom(byte[] bytes) {
        return isText(bytes) ? valueFrom + 1 : valueFrom;
    }

    /** Where the text of the value ends, without a quote. */
    public int textTo(byte[] bytes) {
        return isText(bytes) ? valueTo - 1 : valueTo;
    }
}
