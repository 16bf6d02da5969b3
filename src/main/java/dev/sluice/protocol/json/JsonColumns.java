package dev.sluice.protocol.json;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.event.Column;
import dev.sluice.event.JsonMembers;
import dev.sluice.event.LogEvent;
import dev.sluice.text.Ascii;
import dev.sluice.text.AsciiNameTable;
import dev.sluice.text.ByteWriter;
import dev.sluice.text.Facilities;
import dev.sluice.text.IsoTime;
import dev.sluice.text.JsonFlags;
import dev.sluice.text.JsonMember;
import dev.sluice.text.JsonScanner;
import dev.sluice.text.JsonSyntax;
import dev.sluice.text.JsonText;
import dev.sluice.text.Levels;
import dev.sluice.text.Slice;
import dev.sluice.text.SwarSearch;
import dev.sluice.text.WrittenTime;

/**
 * Decides for each member of a JSON event whether it fills a column or is an attribute, and notes it in the event's
 * {@link JsonMembers}.
 */
final class JsonColumns {

    private static final byte SLASH = '/';

    // What a value says of a column that is a number.
    private static final int NONE = 0;
    private static final int ALL = 1;
    private static final int MORE = 2;

    /** Better than any name: what carried the object said it. */
    private static final int CARRIER = -1;

    private static final byte[] ATTRIBUTES = "\"attributes\"".getBytes(US_ASCII);

    private static final int NANOS_MAX = 999_999_999;

    private final WrittenTime times;
    private final JsonScanner scanner;

    JsonColumns(WrittenTime times, JsonScanner scanner) {
        this.times = times;
        this.scanner = scanner;
    }

    /** Forgets which columns are filled, but for the time, which stays that of the carrier if it had one. */
    static void clear(LogEvent event) {
        JsonMembers members = event.jsonMembers();
        members.clear();
        if (event.eventAtMicros() != LogEvent.NO_TIME) {
            members.fill(Column.TIME, CARRIER);
        }
    }

    /** Puts the member at hand where it belongs. */
    void member(byte[] bytes, LogEvent event) {
        JsonMembers members = event.jsonMembers();
        JsonMember member = members.current();
        members.isCurrentKept(false);
        KeyMeaning field =
                member.keyFlags() == 0 ? KnownKeys.find(bytes, member.keyFrom() + 1, member.keyTo() - 1) : null;
        if (KnownKeys.isChannel(field)) {
            members.channel();
        }
        if (field != null && bytes[member.valueFrom()] == '{') {
            MemberWriter.attribute(bytes, member, event);
            AsciiNameTable<KeyMeaning> inner = field.inner();
            if (inner != null) {
                nested(bytes, member.valueFrom(), member.valueTo(), event, inner);
            }
        } else if (field == null || !claim(bytes, event, field)) {
            MemberWriter.attribute(bytes, member, event);
        }
    }

    /** Looks for columns inside the object {@code bytes[from, to)}, which is an attribute already. */
    private void nested(byte[] bytes, int from, int to, LogEvent event, AsciiNameTable<KeyMeaning> names) {
        JsonMembers members = event.jsonMembers();
        int i = JsonSyntax.spaceEnd(bytes, from + 1, to);
        while (bytes[i] != '}') {
            JsonMember member = members.current();
            i = member.next(bytes, i, to, scanner);
            members.isCurrentKept(true);
            KeyMeaning field = names.find(bytes, member.keyFrom() + 1, member.keyTo() - 1);
            byte kind = bytes[member.valueFrom()];
            if (field != null && field.inner() != null && kind == '{') {
                nested(bytes, member.valueFrom(), member.valueTo(), event, field.inner());
            } else if (field == null && kind == '[' && member.hasKey(ATTRIBUTES, bytes)) {
                listed(bytes, member.valueFrom(), member.valueTo(), event, names);
            } else if (field != null) {
                claim(bytes, event, field);
            }
        }
    }

    /** Looks for columns in the list {@code [{"key":..,"value":{"stringValue":..}}]}, as OpenTelemetry writes it. */
    private void listed(byte[] bytes, int from, int to, LogEvent event, AsciiNameTable<KeyMeaning> names) {
        JsonMembers members = event.jsonMembers();
        JsonFlags ignored = new JsonFlags();
        int i = JsonSyntax.spaceEnd(bytes, from + 1, to);
        while (bytes[i] != ']') {
            JsonMember member = members.current();
            if (bytes[i] == '{' && JsonAttribute.find(bytes, i, scanner, members.spare(), member)) {
                KeyMeaning field = names.find(bytes, member.keyFrom() + 1, member.keyTo() - 1);
                if (field != null) {
                    claim(bytes, event, field);
                }
            }
            i = JsonSyntax.elementAfter(bytes, scanner.value(bytes, i, to, 0, ignored), to);
        }
    }

    /** Whether the member at hand fills its column: no better one does, and its value fits. */
    private boolean claim(byte[] bytes, LogEvent event, KeyMeaning field) {
        JsonMembers members = event.jsonMembers();
        Column column = field.column();
        int former = members.rank(column);
        if (field.nanos()) {
            return former == field.rank() && nanos(bytes, event);
        }
        // Of two equal names the last counts, as it does for jsonb.
        if (field.rank() == KnownKeys.NO_RANK || former < field.rank()) {
            return false;
        }
        if (!apply(bytes, event, field)) {
            return false;
        }
        if (former != JsonMembers.EMPTY && !members.isKept(column)) {
            MemberWriter.attribute(bytes, members.of(column), event);
        }
        members.fillByCurrent(column, field.rank());
        return true;
    }

    private boolean apply(byte[] bytes, LogEvent event, KeyMeaning field) {
        JsonMember member = event.jsonMembers().current();
        return switch (field.column()) {
            case TIME, SEVERITY, FACILITY -> number(bytes, event, field);
            case HOST -> !member.isEmptyText(bytes) && MemberWriter.text(bytes, member, event, event.host());
            case APP ->
                !member.isEmptyText(bytes)
                        && (!field.path() || isPath(bytes, member, event.jsonMembers()))
                        && app(bytes, member, event);
            case PROC_ID ->
                !member.isEmptyText(bytes) && MemberWriter.textOrNumber(bytes, member, event, event.procId());
            case MSG_ID -> !member.isEmptyText(bytes) && MemberWriter.textOrNumber(bytes, member, event, event.msgId());
            case MESSAGE -> message(bytes, member, event);
        };
    }

    /** Sets a column that is a number to what the value means; a value that says more is an attribute as well. */
    private boolean number(byte[] bytes, LogEvent event, KeyMeaning field) {
        JsonMembers members = event.jsonMembers();
        JsonMember member = members.current();
        int from = member.textFrom(bytes);
        int to = member.textTo(bytes);
        int read;
        if (member.isEscapedText(bytes)) {
            ByteWriter scratch = event.scratch();
            int start = scratch.size();
            JsonText.unescape(bytes, from, to, scratch);
            read = number(scratch.array(), start, scratch.size(), event, field);
            scratch.truncate(start);
        } else {
            read = number(bytes, from, to, event, field);
        }
        boolean doubtful = field.scale() == Levels.Scale.DOUBTFUL && !member.isText(bytes);
        if ((read == MORE || (doubtful && read == ALL)) && !members.isCurrentKept()) {
            MemberWriter.attribute(bytes, member, event);
            members.isCurrentKept(true);
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

    /**
     * Whether the target is that of Rust's tracing: a path of modules, or one name beside the fields; for others it may
     * be an address as well.
     */
    private static boolean isPath(byte[] bytes, JsonMember member, JsonMembers members) {
        boolean isPath = members.rank(Column.MESSAGE) == KnownKeys.MESSAGE_OF_FIELDS.rank();
        int to = member.textTo(bytes);
        for (int i = member.textFrom(bytes); i < to; i++) {
            boolean separates = bytes[i] == ':' && bytes[i + 1] == ':';
            if (!separates && !Ascii.isWord(bytes[i])) {
                return false;
            }
            isPath |= separates;
            i += separates ? 1 : 0;
        }
        return isPath;
    }

    /** A name, without the slash that Docker writes before that of a container; a path keeps it. */
    private static boolean app(byte[] bytes, JsonMember member, LogEvent event) {
        Slice app = event.app();
        boolean set = MemberWriter.text(bytes, member, event, app);
        int from = app.offset();
        int to = from + app.length();
        if (set
                && app.length() > 1
                && app.array()[from] == SLASH
                && SwarSearch.either(app.array(), from + 1, to, SLASH, SLASH) == to) {
            app.set(app.array(), from + 1, app.length() - 1);
        }
        return set;
    }

    private int time(byte[] bytes, int from, int to, LogEvent event) {
        long micros = times.whole(bytes, from, to, event.receivedAtMicros(), event.timeParts());
        if (micros == LogEvent.NO_TIME) {
            return NONE;
        }
        event.eventAtMicros(micros);
        return ALL;
    }

    /** Adds the part of a second to a time in whole seconds. */
    private static boolean nanos(byte[] bytes, LogEvent event) {
        JsonMember member = event.jsonMembers().current();
        int nanos = 0;
        for (int i = member.valueFrom(); i < member.valueTo(); i++) {
            if (!Ascii.isDigit(bytes[i]) || nanos > NANOS_MAX / 10) {
                return false;
            }
            nanos = nanos * 10 + bytes[i] - '0';
        }
        event.eventAtMicros(Math.floorDiv(event.eventAtMicros(), IsoTime.MICROS) * IsoTime.MICROS + nanos / 1000);
        return true;
    }

    /** A text without the line end that the writer of a container's log leaves on it, or a number. */
    private static boolean message(byte[] bytes, JsonMember member, LogEvent event) {
        Slice message = event.message();
        if (!MemberWriter.textOrNumber(bytes, member, event, message)) {
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
        JsonMembers members = event.jsonMembers();
        if (!members.hasChannel() || members.rank(Column.SEVERITY) != KnownKeys.LEVEL.rank()) {
            return;
        }
        JsonMember member = members.of(Column.SEVERITY);
        int from = member.textFrom(bytes);
        int to = member.textTo(bytes);
        int level = Levels.severity(bytes, from, to, Levels.Scale.MONOLOG);
        if (level >= 0) {
            event.severity(level & 7);
        }
    }
}
