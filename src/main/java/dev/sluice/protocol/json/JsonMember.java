package dev.sluice.protocol.json;

import static dev.sluice.protocol.json.JsonColumns.KEY;
import static dev.sluice.protocol.json.JsonColumns.KEY_END;
import static dev.sluice.protocol.json.JsonColumns.KEY_FLAGS;
import static dev.sluice.protocol.json.JsonColumns.VALUE;
import static dev.sluice.protocol.json.JsonColumns.VALUE_END;
import static dev.sluice.text.JsonScanner.ESCAPED;
import static dev.sluice.text.JsonScanner.FLAGS;
import static dev.sluice.text.JsonScanner.FORBIDDEN;
import static dev.sluice.text.JsonScanner.HUGE;
import static dev.sluice.text.JsonScanner.LOOSE;

import dev.sluice.event.LogEvent;
import dev.sluice.text.Ascii;
import dev.sluice.text.ByteWriter;
import dev.sluice.text.JsonText;
import dev.sluice.text.JsonWriter;
import dev.sluice.text.Slice;

/** The member of a JSON event that its marks describe, as {@link JsonColumns} keeps them: its value, or all of it. */
final class JsonMember {

    private JsonMember() {}

    /** Whether the value is a text with nothing in it, which says that there is none. */
    static boolean isEmpty(byte[] bytes, LogEvent event) {
        int[] marks = event.marks();
        return bytes[marks[VALUE]] == '"' && marks[VALUE_END] - marks[VALUE] == 2;
    }

    /** Whether the value is a text with escapes. */
    static boolean isEscaped(byte[] bytes, LogEvent event) {
        return bytes[event.marks()[VALUE]] == '"' && (event.marks()[FLAGS] & ESCAPED) != 0;
    }

    /** Where the text starts, or the value that is none. */
    static int contentFrom(byte[] bytes, LogEvent event) {
        int value = event.marks()[VALUE];
        return bytes[value] == '"' ? value + 1 : value;
    }

    /** Where the text ends, or the value that is none. */
    static int contentTo(byte[] bytes, LogEvent event) {
        int end = event.marks()[VALUE_END];
        return bytes[event.marks()[VALUE]] == '"' ? end - 1 : end;
    }

    /** Sets the column to the text, or to the number as it stands; whether it is one of them. */
    static boolean textOrNumber(byte[] bytes, LogEvent event, Slice column) {
        int[] marks = event.marks();
        byte first = bytes[marks[VALUE]];
        if (first != '-' && !Ascii.isDigit(first)) {
            return text(bytes, event, column);
        }
        column.set(bytes, marks[VALUE], marks[VALUE_END] - marks[VALUE]);
        return true;
    }

    /** Sets the column to the text; whether it is one. */
    static boolean text(byte[] bytes, LogEvent event, Slice column) {
        int[] marks = event.marks();
        if (bytes[marks[VALUE]] != '"') {
            return false;
        }
        int from = marks[VALUE] + 1;
        int to = marks[VALUE_END] - 1;
        if ((marks[FLAGS] & ESCAPED) == 0) {
            column.set(bytes, from, to - from);
            return true;
        }
        ByteWriter scratch = event.scratch();
        int start = scratch.size();
        JsonText.unescape(bytes, from, to, scratch);
        column.set(scratch.array(), start, scratch.size() - start);
        return true;
    }

    /** Writes the member that the marks describe from {@code slot} on. */
    static void attribute(byte[] bytes, LogEvent event, int slot) {
        int[] marks = event.marks();
        JsonWriter attributes = event.attributes();
        int key = marks[slot + KEY];
        JsonKeys.add(bytes, key, marks[slot + KEY_END], marks[slot + KEY_FLAGS], marks);
        int value = marks[slot + VALUE];
        if ((marks[slot + KEY_FLAGS] & (FORBIDDEN | LOOSE)) != 0) {
            ByteWriter scratch = event.scratch();
            int start = scratch.size();
            JsonText.sanitize(bytes, key, marks[slot + KEY_END], scratch);
            attributes.rawKey(scratch.array(), start, scratch.size() - start);
            scratch.truncate(start);
        } else {
            attributes.rawKey(bytes, key, marks[slot + KEY_END] - key);
        }
        if ((marks[slot + FLAGS] & (FORBIDDEN | HUGE | LOOSE)) != 0) {
            ByteWriter scratch = event.scratch();
            int start = scratch.size();
            JsonText.sanitize(bytes, value, marks[slot + VALUE_END], scratch);
            attributes.raw(scratch.array(), start, scratch.size() - start);
            scratch.truncate(start);
        } else {
            attributes.raw(bytes, value, marks[slot + VALUE_END] - value);
        }
    }
}
