package dev.sluice.rule.field;

import dev.sluice.event.LogEvent;
import dev.sluice.text.ByteWriter;
import dev.sluice.text.JsonSyntax;
import dev.sluice.text.JsonText;
import dev.sluice.text.Slice;
import java.util.Arrays;

/** Looks values up in the attributes, which are JSON text. */
public final class AttributeText {

    private AttributeText() {}

    /** Whether there is a member called {@code name}. */
    public static boolean has(LogEvent event, byte[] name) {
        Slice called = new Slice();
        called.set(name);
        return has(event, called);
    }

    /** As {@link #has(LogEvent, byte[])}. What the member says is not looked at. */
    public static boolean has(LogEvent event, Slice name) {
        Slice value = new Slice();
        look(event, name, value);
        return value.isPresent();
    }

    /**
     * Points {@code value} at the member called {@code name}: the text of a string, else the JSON text. Where no member
     * has that name, its points lead into nested objects. Of several the last counts, as in {@code jsonb}.
     */
    static void find(LogEvent event, Slice name, Slice value) {
        look(event, name, value);
        if (value.isPresent()) {
            resolve(event, value);
        }
    }

    /** As {@link #find}, only a string with something in it, a number or a truth value; returns whether it is there. */
    public static boolean findScalar(LogEvent event, Slice name, Slice value) {
        look(event, name, value);
        boolean isScalar = value.length() > 0 && isScalar(value.array()[value.offset()]);
        if (isScalar) {
            resolve(event, value);
        }
        return isScalar && value.length() > 0;
    }

    private static boolean isScalar(byte first) {
        return first != '{' && first != '[' && first != 'n';
    }

    private static void look(LogEvent event, Slice name, Slice value) {
        ByteWriter text = event.attributes().text();
        value.clear();
        members(text.array(), 0, text.size(), name, value);
    }

    private static void members(byte[] bytes, int from, int to, Slice name, Slice value) {
        int i = from;
        while (i < to) {
            if (bytes[i] != '"') {
                i++;
                continue;
            }
            int keyEnd = JsonSyntax.stringEnd(bytes, i, to);
            int start = JsonSyntax.spaceEnd(bytes, JsonSyntax.spaceEnd(bytes, keyEnd, to) + 1, to);
            int end = JsonSyntax.valueEnd(bytes, start, to);
            int length = keyEnd - i - 2;
            if (isPrefix(bytes, i + 1, length, name)) {
                if (length == name.length()) {
                    value.set(bytes, start, end - start);
                } else if (isPoint(name, length) && start < to && bytes[start] == '{' && !value.isPresent()) {
                    Slice rest = new Slice();
                    rest.set(name.array(), name.offset() + length + 1, name.length() - length - 1);
                    members(bytes, start + 1, end - 1, rest, value);
                }
            }
            i = end;
        }
    }

    private static boolean isPrefix(byte[] bytes, int from, int length, Slice name) {
        int at = name.offset();
        return length <= name.length() && Arrays.equals(bytes, from, from + length, name.array(), at, at + length);
    }

    private static boolean isPoint(Slice name, int at) {
        return name.array()[name.offset() + at] == '.';
    }

    private static void resolve(LogEvent event, Slice value) {
        byte[] bytes = value.array();
        int from = value.offset();
        int to = from + value.length();
        if (from == to || bytes[from] != '"') {
            return;
        }
        if (JsonSyntax.isEscaped(bytes, from, to)) {
            ByteWriter scratch = event.scratch();
            int start = scratch.size();
            JsonText.unescape(bytes, from + 1, to - 1, scratch);
            value.set(scratch.array(), start, scratch.size() - start);
        } else {
            value.set(bytes, from + 1, to - from - 2);
        }
    }
}
