package dev.sluice.protocol.json;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.text.JsonScanner;
import dev.sluice.text.JsonSyntax;
import java.util.Arrays;

/** An attribute of OpenTelemetry, {@code {"key":"service.name","value":{"stringValue":"shop"}}}. */
final class JsonAttribute {

    private static final byte[] KEY = "\"key\"".getBytes(US_ASCII);
    private static final byte[] VALUE = "\"value\"".getBytes(US_ASCII);
    private static final byte[] STRING = "\"stringValue\"".getBytes(US_ASCII);

    private JsonAttribute() {}

    /**
     * Whether the object {@code bytes[from, to)}, which was checked, is one; the marks then describe it as a member.
     */
    static boolean find(byte[] bytes, int from, int to, JsonScanner scanner, int[] marks) {
        int key = valueOf(KEY, bytes, from, scanner, marks);
        int value = valueOf(VALUE, bytes, from, scanner, marks);
        int text = value > 0 && bytes[value] == '{' ? valueOf(STRING, bytes, value, scanner, marks) : -1;
        if (key < 0 || bytes[key] != '"' || text < 0 || bytes[text] != '"') {
            return false;
        }
        marks[JsonScanner.FLAGS] = 0;
        marks[JsonColumns.KEY] = key;
        marks[JsonColumns.KEY_END] = JsonScanner.string(bytes, key, to, marks);
        marks[JsonColumns.KEY_FLAGS] = marks[JsonScanner.FLAGS];
        marks[JsonScanner.FLAGS] = 0;
        marks[JsonColumns.VALUE] = text;
        marks[JsonColumns.VALUE_END] = JsonScanner.string(bytes, text, to, marks);
        return true;
    }

    private static int valueOf(byte[] name, byte[] bytes, int from, JsonScanner scanner, int[] marks) {
        int to = bytes.length; // the object was checked, and ends before
        int i = JsonSyntax.spaceEnd(bytes, from + 1, to);
        while (bytes[i] != '}') {
            int keyEnd = JsonScanner.string(bytes, i, to, marks);
            int value = JsonSyntax.spaceEnd(bytes, JsonScanner.colon(bytes, keyEnd, to), to);
            if (Arrays.equals(bytes, i, keyEnd, name, 0, name.length)) {
                return value;
            }
            i = JsonSyntax.spaceEnd(bytes, scanner.value(bytes, value, to, 0, marks), to);
            i = bytes[i] == ',' ? JsonSyntax.spaceEnd(bytes, i + 1, to) : i;
        }
        return -1;
    }
}
