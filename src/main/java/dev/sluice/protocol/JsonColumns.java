package dev.sluice.protocol;

import static dev.sluice.text.JsonScanner.ESCAPED;
import static dev.sluice.text.JsonScanner.FLAGS;
import static dev.sluice.text.JsonScanner.FORBIDDEN;
import static dev.sluice.text.JsonScanner.HUGE;
import static dev.sluice.text.JsonScanner.LOOSE;

import dev.sluice.event.LogEvent;
import dev.sluice.protocol.Field.Column;
import dev.sluice.text.Ascii;
import dev.sluice.text.AsciiNameTable;
import dev.sluice.text.ByteWriter;
import dev.sluice.text.EpochTime;
import dev.sluice.text.Facilities;
import dev.sluice.text.IsoTime;
import dev.sluice.text.JsonScanner;
import dev.sluice.text.JsonSyntax;
import dev.sluice.text.JsonText;
import dev.sluice.text.JsonWriter;
import dev.sluice.text.Levels;
import dev.sluice.text.LocalZone;
import dev.sluice.text.Slice;
import dev.sluice.text.WrittenTime;

/**
 * Decides for each member of a JSON event whether it fills a column or is an attribute. It works on the event's marks:
 * first a description of the member at hand, then for each column a copy of that of the member that fills it, so that
 * it can still become an attribute when a better one comes.
 */
final class JsonColumns {

    /** Where the member's key starts, with its quote. */
    static final int KEY = 1;
    /** Where the key ends, with its quote. */
    static final int KEY_END = 2;
    /** What the scanner met in the key. */
    static final int KEY_FLAGS = 3;
    /** Where its value starts. */
    static final int VALUE = 4;
    /** Where its value ends. */
    static final int VALUE_END = 5;

    /** Whether the value is in the attributes already. */
    private static final int KEPT = 6;
    /** In a column's copy: the rank of its name plus one; 0 while the column is empty. */
    private static final int RANK = 7;

    private static final int MEMBER_MARKS = 8;

    /** Better than any name: what carried the object said it. */
    private static final int CARRIER = -1;

    private static final int NANOS_MAX = 999_999_999;

    private final WrittenTime times;
    private final JsonScanner scanner;

    JsonColumns(LocalZone zone, JsonScanner scanner) {
        times = new WrittenTime(zone);
        this.scanner = scanner;
    }

    /** Forgets which columns are filled, but for the time, which stays that of the carrier if it had one. */
    static void clear(LogEvent event) {
        for (int column = 1; column <= Column.COUNT; column++) {
            event.marks()[MEMBER_MARKS * column + RANK] = 0;
        }
        if (event.eventAtMicros() != LogEvent.NO_TIME) {
            event.marks()[MEMBER_MARKS * (Column.TIME.place() + 1) + RANK] = CARRIER;
        }
        JsonKeys.clear(event.marks());
    }

    /** Puts the member that the marks describe where it belongs. */
    void member(byte[] bytes, LogEvent event) {
        int[] marks = event.marks();
        marks[KEPT] = 0;
        Field field = marks[KEY_FLAGS] == 0 ? Fields.find(bytes, marks[KEY] + 1, marks[KEY_END] - 1) : null;
        if (field != null && bytes[marks[VALUE]] == '{') {
            attribute(bytes, event, 0);
            AsciiNameTable<Field> inner = field.inner();
            if (inner != null) {
                nested(bytes, event, inner);
            }
        } else if (field == null || !claim(bytes, event, field)) {
            attribute(bytes, event, 0);
        }
    }

    /** Looks for columns inside an object that is an attribute already. */
    private void nested(byte[] bytes, LogEvent event, AsciiNameTable<Field> names) {
        int[] marks = event.marks();
        int to = marks[VALUE_END];
        int i = JsonSyntax.spaceEnd(bytes, marks[VALUE] + 1, to);
        marks[KEPT] = 1;
        while (bytes[i] != '}') {
            marks[KEY] = i;
            marks[KEY_END] = JsonScanner.string(bytes, i, to, marks);
            marks[VALUE] = JsonSyntax.spaceEnd(bytes, JsonScanner.colon(bytes, marks[KEY_END], to), to);
            marks[FLAGS] = 0;
            marks[VALUE_END] = scanner.value(bytes, marks[VALUE], to, 0, marks);
            int valueEnd = marks[VALUE_END];
            Field field = names.find(bytes, i + 1, marks[KEY_END] - 1);
            if (field != null && field.inner() != null && bytes[marks[VALUE]] == '{') {
                nested(bytes, event, field.inner());
            } else if (field != null) {
                claim(bytes, event, field);
            }
            i = JsonSyntax.spaceEnd(bytes, valueEnd, to);
            i = bytes[i] == ',' ? JsonSyntax.spaceEnd(bytes, i + 1, to) : i;
        }
    }

    /** Whether the member fills its column: no better one does, and its value fits. */
    private boolean claim(byte[] bytes, LogEvent event, Field field) {
        int[] marks = event.marks();
        int slot = MEMBER_MARKS * (field.column().place() + 1);
        int former = marks[slot + RANK];
        if (field.nanos()) {
            return former == field.rank() + 1 && nanos(bytes, event);
        }
        // Of two equal names the last counts, as it does for jsonb.
        if (field.rank() == Fields.NO_RANK || (former != 0 && former < field.rank() + 1)) {
            return false;
        }
        if (!apply(bytes, event, field)) {
            return false;
        }
        if (former != 0 && marks[slot + KEPT] == 0) {
            attribute(bytes, event, slot);
        }
        System.arraycopy(marks, 0, marks, slot, MEMBER_MARKS);
        marks[slot + RANK] = field.rank() + 1;
        return true;
    }

    private boolean apply(byte[] bytes, LogEvent event, Field field) {
        return switch (field.column()) {
            case TIME -> time(bytes, event);
            case SEVERITY -> severity(bytes, event, field.scale());
            case FACILITY -> facility(bytes, event);
            case HOST -> !isEmpty(bytes, event) && text(bytes, event, event.host());
            case APP -> !isEmpty(bytes, event) && app(bytes, event);
            case PROC_ID -> !isEmpty(bytes, event) && textOrNumber(bytes, event, event.procId());
            case MSG_ID -> !isEmpty(bytes, event) && textOrNumber(bytes, event, event.msgId());
            case MESSAGE -> message(bytes, event);
        };
    }

    /** A name, without the slash that Docker writes before that of a container. */
    private static boolean app(byte[] bytes, LogEvent event) {
        Slice app = event.app();
        boolean set = text(bytes, event, app);
        if (set && app.length() > 1 && app.array()[app.offset()] == '/') {
            app.set(app.array(), app.offset() + 1, app.length() - 1);
        }
        return set;
    }

    /** An empty text says that there is none. */
    private static boolean isEmpty(byte[] bytes, LogEvent event) {
        return contentFrom(bytes, event) == contentTo(bytes, event);
    }

    private boolean time(byte[] bytes, LogEvent event) {
        int[] marks = event.marks();
        int from = marks[VALUE];
        int to = marks[VALUE_END];
        long micros;
        if (bytes[from] == '"') {
            micros = times.whole(bytes, from + 1, to - 1, event.receivedAtMicros(), marks);
        } else {
            micros = EpochTime.micros(bytes, from, to);
        }
        if (micros == LogEvent.NO_TIME) {
            return false;
        }
        event.eventAtMicros(micros);
        return true;
    }

    /** Adds the part of a second to a time in whole seconds. */
    private static boolean nanos(byte[] bytes, LogEvent event) {
        int[] marks = event.marks();
        int nanos = 0;
        for (int i = marks[VALUE]; i < marks[VALUE_END]; i++) {
            if (!Ascii.isDigit(bytes[i]) || nanos > NANOS_MAX / 10) {
                return false;
            }
            nanos = nanos * 10 + bytes[i] - '0';
        }
        event.eventAtMicros(Math.floorDiv(event.eventAtMicros(), IsoTime.MICROS) * IsoTime.MICROS + nanos / 1000);
        return true;
    }

    /** A text without the line end that the writer of a container's log leaves on it, or a number. */
    private static boolean message(byte[] bytes, LogEvent event) {
        Slice message = event.message();
        if (!textOrNumber(bytes, event, message)) {
            return false;
        }
        byte[] array = message.array();
        int end = message.offset() + message.length();
        int last = message.length() > 1 && array[end - 1] == '\n' ? end - 1 : end;
        last = last < end && message.length() > 2 && array[last - 1] == '\r' ? last - 1 : last;
        message.set(array, message.offset(), last - message.offset());
        return true;
    }

    private static boolean severity(byte[] bytes, LogEvent event, Levels.Scale scale) {
        int level = Levels.severity(bytes, contentFrom(bytes, event), contentTo(bytes, event), scale);
        if (level < 0) {
            return false;
        }
        event.severity(level & 7);
        if (scale == Levels.Scale.PRI && event.facility() == LogEvent.UNKNOWN) {
            event.facility(Facilities.ofPri(bytes, contentFrom(bytes, event), contentTo(bytes, event)));
        }
        if (level >= Levels.FINER && event.marks()[KEPT] == 0) {
            attribute(bytes, event, 0);
            event.marks()[KEPT] = 1;
        }
        return true;
    }

    private static boolean facility(byte[] bytes, LogEvent event) {
        int facility = Facilities.of(bytes, contentFrom(bytes, event), contentTo(bytes, event));
        if (facility < 0) {
            return false;
        }
        event.facility(facility);
        return true;
    }

    private static boolean textOrNumber(byte[] bytes, LogEvent event, Slice column) {
        int[] marks = event.marks();
        byte first = bytes[marks[VALUE]];
        if (first != '-' && !Ascii.isDigit(first)) {
            return text(bytes, event, column);
        }
        column.set(bytes, marks[VALUE], marks[VALUE_END] - marks[VALUE]);
        return true;
    }

    private static boolean text(byte[] bytes, LogEvent event, Slice column) {
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
    private static void attribute(byte[] bytes, LogEvent event, int slot) {
        int[] marks = event.marks();
        JsonWriter attributes = event.attributes();
        int key = marks[slot + KEY];
        JsonKeys.add(bytes, key, marks[slot + KEY_END], marks);
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

    private static int contentFrom(byte[] bytes, LogEvent event) {
        int value = event.marks()[VALUE];
        return bytes[value] == '"' ? value + 1 : value;
    }

    private static int contentTo(byte[] bytes, LogEvent event) {
        int end = event.marks()[VALUE_END];
        return bytes[event.marks()[VALUE]] == '"' ? end - 1 : end;
    }
}
