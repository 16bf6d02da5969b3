package dev.sluice.protocol.json;

import static dev.sluice.text.JsonScanner.FLAGS;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.event.LogEvent;
import dev.sluice.protocol.json.KeyMeaning.Column;
import dev.sluice.text.Ascii;
import dev.sluice.text.AsciiNameTable;
import dev.sluice.text.ByteWriter;
import dev.sluice.text.Facilities;
import dev.sluice.text.IsoTime;
import dev.sluice.text.JsonScanner;
import dev.sluice.text.JsonSyntax;
import dev.sluice.text.JsonText;
import dev.sluice.text.Levels;
import dev.sluice.text.Slice;
import dev.sluice.text.WrittenTime;
import java.util.Arrays;

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

    /** The place in the marks that says whether there is a channel, as Monolog writes it; cleared with the keys'. */
    private static final int CHANNEL = 75;

    // What a value says of a column that is a number.
    private static final int NONE = 0;
    private static final int ALL = 1;
    private static final int MORE = 2;

    /** Better than any name: what carried the object said it. */
    private static final int CARRIER = -1;

    private static final byte[] ATTRIBUTES = "attributes".getBytes(US_ASCII);

    private static final int NANOS_MAX = 999_999_999;

    private final WrittenTime times;
    private final JsonScanner scanner;

    JsonColumns(WrittenTime times, JsonScanner scanner) {
        this.times = times;
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
        KeyMeaning field = marks[KEY_FLAGS] == 0 ? KnownKeys.find(bytes, marks[KEY] + 1, marks[KEY_END] - 1) : null;
        marks[CHANNEL] |= KnownKeys.isChannel(field) ? 1 : 0;
        if (field != null && bytes[marks[VALUE]] == '{') {
            JsonMember.attribute(bytes, event, 0);
            AsciiNameTable<KeyMeaning> inner = field.inner();
            if (inner != null) {
                nested(bytes, event, inner);
            }
        } else if (field == null || !claim(bytes, event, field)) {
            JsonMember.attribute(bytes, event, 0);
        }
    }

    /** Looks for columns inside an object that is an attribute already. */
    private void nested(byte[] bytes, LogEvent event, AsciiNameTable<KeyMeaning> names) {
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
            KeyMeaning field = names.find(bytes, i + 1, marks[KEY_END] - 1);
            if (field != null && field.inner() != null && bytes[marks[VALUE]] == '{') {
                nested(bytes, event, field.inner());
            } else if (field == null && bytes[marks[VALUE]] == '[' && isAttributes(bytes, marks)) {
                listed(bytes, event, names);
            } else if (field != null) {
                claim(bytes, event, field);
            }
            i = JsonSyntax.spaceEnd(bytes, valueEnd, to);
            i = bytes[i] == ',' ? JsonSyntax.spaceEnd(bytes, i + 1, to) : i;
        }
    }

    private static boolean isAttributes(byte[] bytes, int[] marks) {
        return Arrays.equals(bytes, marks[KEY] + 1, marks[KEY_END] - 1, ATTRIBUTES, 0, ATTRIBUTES.length);
    }

    /** Looks for columns in the list {@code [{"key":..,"value":{"stringValue":..}}]}, as OpenTelemetry writes it. */
    private void listed(byte[] bytes, LogEvent event, AsciiNameTable<KeyMeaning> names) {
        int[] marks = event.marks();
        int to = marks[VALUE_END];
        int i = JsonSyntax.spaceEnd(bytes, marks[VALUE] + 1, to);
        while (bytes[i] != ']') {
            marks[FLAGS] = 0;
            int end = scanner.value(bytes, i, to, 0, marks);
            if (bytes[i] == '{' && JsonAttribute.find(bytes, i, end, scanner, marks)) {
                KeyMeaning field = names.find(bytes, marks[KEY] + 1, marks[KEY_END] - 1);
                if (field != null) {
                    claim(bytes, event, field);
                }
            }
            i = JsonSyntax.spaceEnd(bytes, end, to);
            i = bytes[i] == ',' ? JsonSyntax.spaceEnd(bytes, i + 1, to) : i;
        }
    }

    /** Whether the member fills its column: no better one does, and its value fits. */
    private boolean claim(byte[] bytes, LogEvent event, KeyMeaning field) {
        int[] marks = event.marks();
        int slot = MEMBER_MARKS * (field.column().place() + 1);
        int former = marks[slot + RANK];
        if (field.nanos()) {
            return former == field.rank() + 1 && nanos(bytes, event);
        }
        // Of two equal names the last counts, as it does for jsonb.
        if (field.rank() == KnownKeys.NO_RANK || (former != 0 && former < field.rank() + 1)) {
            return false;
        }
        if (!apply(bytes, event, field)) {
            return false;
        }
        if (former != 0 && marks[slot + KEPT] == 0) {
            JsonMember.attribute(bytes, event, slot);
        }
        System.arraycopy(marks, 0, marks, slot, MEMBER_MARKS);
        marks[slot + RANK] = field.rank() + 1;
        return true;
    }

    private boolean apply(byte[] bytes, LogEvent event, KeyMeaning field) {
        return switch (field.column()) {
            case TIME, SEVERITY, FACILITY -> number(bytes, event, field);
            case HOST -> !JsonMember.isEmpty(bytes, event) && JsonMember.text(bytes, event, event.host());
            case APP -> !JsonMember.isEmpty(bytes, event) && app(bytes, event);
            case PROC_ID -> !JsonMember.isEmpty(bytes, event) && JsonMember.textOrNumber(bytes, event, event.procId());
            case MSG_ID -> !JsonMember.isEmpty(bytes, event) && JsonMember.textOrNumber(bytes, event, event.msgId());
            case MESSAGE -> message(bytes, event);
        };
    }

    /** Sets a column that is a number to what the value means; a value that says more is an attribute as well. */
    private boolean number(byte[] bytes, LogEvent event, KeyMeaning field) {
        int from = JsonMember.contentFrom(bytes, event);
        int to = JsonMember.contentTo(bytes, event);
        int read;
        if (JsonMember.isEscaped(bytes, event)) {
            ByteWriter scratch = event.scratch();
            int start = scratch.size();
            JsonText.unescape(bytes, from, to, scratch);
            read = number(scratch.array(), start, scratch.size(), event, field);
            scratch.truncate(start);
        } else {
            read = number(bytes, from, to, event, field);
        }
        boolean doubtful = field.scale() == Levels.Scale.DOUBTFUL && bytes[event.marks()[VALUE]] != '"';
        if ((read == MORE || (doubtful && read == ALL)) && event.marks()[KEPT] == 0) {
            JsonMember.attribute(bytes, event, 0);
            event.marks()[KEPT] = 1;
        }
        return read != NONE;
    }

    private int number(byte[] bytes, int from, int to, LogEvent event, KeyMeaning field) {
        return switch (field.column()) {
            case TIME -> time(bytes, from, to, event);
            case SEVERITY -> severity(bytes, from, to, event, field.scale());
            default -> facility(bytes, from, to, event);
        };
    }

    /** A name, without the slash that Docker writes before that of a container. */
    private static boolean app(byte[] bytes, LogEvent event) {
        Slice app = event.app();
        boolean set = JsonMember.text(bytes, event, app);
        if (set && app.length() > 1 && app.array()[app.offset()] == '/') {
            app.set(app.array(), app.offset() + 1, app.length() - 1);
        }
        return set;
    }

    private int time(byte[] bytes, int from, int to, LogEvent event) {
        long micros = times.whole(bytes, from, to, event.receivedAtMicros(), event.marks());
        if (micros == LogEvent.NO_TIME) {
            return NONE;
        }
        event.eventAtMicros(micros);
        return ALL;
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
        if (!JsonMember.textOrNumber(bytes, event, message)) {
            return false;
        }
        byte[] array = message.array();
        int end = message.offset() + message.length();
        int last = message.length() > 1 && array[end - 1] == '\n' ? end - 1 : end;
        last = last < end && message.length() > 2 && array[last - 1] == '\r' ? last - 1 : last;
        message.set(array, message.offset(), last - message.offset());
        return true;
    }

    private static int severity(byte[] bytes, int from, int to, LogEvent event, Levels.Scale scale) {
        int level = Levels.severity(bytes, from, to, scale);
        if (level < 0) {
            return NONE;
        }
        event.severity(level & 7);
        if (scale == Levels.Scale.PRI && event.facility() == LogEvent.UNKNOWN) {
            event.facility(Facilities.ofPri(bytes, from, to));
        }
        return level >= Levels.FINER ? MORE : ALL;
    }

    private static int facility(byte[] bytes, int from, int to, LogEvent event) {
        int facility = Facilities.of(bytes, from, to);
        if (facility < 0) {
            return NONE;
        }
        event.facility(facility);
        return ALL;
    }

    /** Reads a level once more on the scale of Monolog if the other members say that it wrote the object. */
    static void finish(byte[] bytes, LogEvent event) {
        int[] marks = event.marks();
        int slot = MEMBER_MARKS * (Column.SEVERITY.place() + 1);
        if (marks[CHANNEL] == 0 || marks[slot + RANK] != KnownKeys.LEVEL.rank() + 1) {
            return;
        }
        boolean text = bytes[marks[slot + VALUE]] == '"';
        int from = marks[slot + VALUE] + (text ? 1 : 0);
        int to = marks[slot + VALUE_END] - (text ? 1 : 0);
        int level = Levels.severity(bytes, from, to, Levels.Scale.MONOLOG);
        if (level >= 0) {
            event.severity(level & 7);
        }
    }
}
