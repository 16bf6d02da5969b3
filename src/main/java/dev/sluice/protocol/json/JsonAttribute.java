package dev.sluice.protocol.json;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.text.JsonMember;
import dev.sluice.text.JsonScanner;
import dev.sluice.text.JsonSyntax;

/** An attribute of OpenTelemetry, {@code {"key":"service.name","value":{"stringValue":"shop"}}}. */
final class JsonAttribute {

    private static final byte[] KEY = "\"key\"".getBytes(US_ASCII);
    private static final byte[] VALUE = "\"value\"".getBytes(US_ASCII);
    private static final byte[] STRING = "\"stringValue\"".getBytes(US_ASCII);

    private JsonAttribute() {}

    /**
     * Whether the object at {@code from}, which was scanned before, is one; {@code found} then describes it as a
     * member.
     *
     * @param inner is overwritten
     */
    static boolean find(byte[] bytes, int from, JsonScanner scanner, JsonMember inner, JsonMember found) {
        if (!seek(KEY, bytes, from, scanner, inner) || !inner.isText(bytes)) {
            return false;
        }
        found.keyOf(inner);
        if (!seek(VALUE, bytes, from, scanner, inner) || bytes[inner.valueFrom()] != '{') {
            return false;
        }
        if (!seek(STRING, bytes, inner.valueFrom(), scanner, inner) || !inner.isText(bytes)) {
            return false;
        }
        found.valueOf(inner);
        return true;
    }

    private static boolean seek(byte[] name, byte[] bytes, int from, JsonScanner scanner, JsonMember inner) {
        int to = bytes.length; // the object was scanned, and ends before
        int i = JsonSyntax.spaceEnd(bytes, from + 1, to);
        while (bytes[i] != '}') {
            i = inner.next(bytes, i, to, scanner);
            if (inner.hasKey(name, bytes)) {
                return true;
            }
        }
        return false;
    }
}
