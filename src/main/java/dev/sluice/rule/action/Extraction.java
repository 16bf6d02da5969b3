package dev.sluice.rule.action;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.LogEvent;
import dev.sluice.rule.field.AttributeText;
import dev.sluice.rule.field.EventColumn;
import dev.sluice.rule.field.RuleContext;
import dev.sluice.rule.settings.Settings;
import dev.sluice.text.AsciiNameTable;
import dev.sluice.text.ByteWriter;
import dev.sluice.text.JsonFlags;
import dev.sluice.text.JsonText;
import dev.sluice.text.JsonWriter;
import dev.sluice.text.Levels;
import dev.sluice.text.LocalZone;
import dev.sluice.text.Slice;
import dev.sluice.text.WrittenTime;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts the fields of one message where they belong, and loses nothing: a column that is filled already leaves its text
 * in an attribute, an attribute that is there already stays, and a message is replaced only when all of it was taken
 * over, or kept beside. One instance a worker.
 */
final class Extraction {

    /**
     * So many fields become attributes, or are found to be there already: to look whether one is takes as long as the
     * attributes are.
     */
    private static final int FIELDS_MAX = 64;

    /** A field beside a level that tells that Monolog wrote it. */
    private static final AsciiNameTable<Boolean> CHANNEL = AsciiNameTable.of("channel", true);

    /** Where a field goes, and whose numbers it has if it is a level. */
    private record Target(EventColumn column, Levels.Scale scale, boolean mayBeOfMonolog) {

        static Target of(EventColumn column, String field) {
            return new Target(column, Levels.Scale.ofLevelAt(field), field.equalsIgnoreCase("level"));
        }
    }

    private final WrittenTime times;
    private final byte[] into;
    private final Map<String, Target> targets = new LinkedHashMap<>();
    private final Slice key = new Slice();
    private final Slice value = new Slice();
    private final Slice newMessage = new Slice();

    /** A level that Monolog may have written. */
    private final Slice level = new Slice();

    private LogEvent event = new LogEvent();
    private RuleContext context = new RuleContext();
    private int start;
    private int counted;
    private int fields;
    private boolean open;
    private boolean complete;
    private boolean hasChannel;

    Extraction(Settings settings) {
        times = new WrittenTime(LocalZone.of(settings.environment().zone()));
        into = settings.text("into").orElse("").getBytes(UTF_8);
        Map<String, EventColumn> known = EventColumn.all();
        settings.map("columns").forEach((column, name) -> {
            // A variable of the environment has PROC_ID as two parts.
            EventColumn meant = known.get(column.replace('-', '_').replace('.', '_'));
            if (meant == null) {
                settings.error(
                        "columns",
                        "has \"" + column + "\", expected column: name of the field, with the columns "
                                + String.join(", ", known.keySet()));
            } else {
                targets.put(name, Target.of(meant, name));
            }
        });
        if (settings.text("format").orElse("").equalsIgnoreCase("expression")) {
            known.forEach((name, column) -> targets.putIfAbsent(name, Target.of(column, name)));
        }
    }

    /** The most bytes besides what {@link RuleContext#take} allows: the object that everything goes into. */
    int bytesAdded() {
        return into.length == 0 ? 0 : 6 * into.length + 6;
    }

    void begin(LogEvent of, RuleContext with) {
        event = of;
        context = with;
        start = of.attributes().text().size();
        counted = start;
        open = false;
        complete = into.length == 0 || !AttributeText.has(of, into);
        fields = complete ? 0 : FIELDS_MAX;
        newMessage.clear();
        level.clear();
        hasChannel = false;
    }

    /** A part of the message is no field. */
    void leave() {
        complete = false;
    }

    /** The name of the field that comes. */
    void key(byte[] bytes, int from, int to, boolean escaped) {
        if (escaped) {
            int at = event.scratch().size();
            JsonText.unescape(bytes, from, to, event.scratch());
            key.set(event.scratch().array(), at, event.scratch().size() - at);
        } else {
            key.set(bytes, from, to - from);
        }
        hasChannel |= isChannel(key);
    }

    private static boolean isChannel(Slice key) {
        int from = key.offset();
        int to = from + key.length();
        return CHANNEL.find(key.array(), from, to) != null;
    }

    /** A field with a value of JSON, in which the scanner met {@code flags}. */
    void json(byte[] bytes, int from, int to, int flags) {
        if (!fillsColumn(bytes, from, to) && isNew()) {
            raw(bytes, from, to, flags);
            count();
        }
    }

    private boolean fillsColumn(byte[] bytes, int from, int to) {
        Target target = target();
        if (target == null || bytes[from] == '{' || bytes[from] == '[' || bytes[from] == 'n') {
            return false;
        }
        if (bytes[from] != '"') {
            return fill(target, bytes, from, to);
        }
        int at = event.scratch().size();
        JsonText.unescape(bytes, from + 1, to - 1, event.scratch());
        return fill(target, event.scratch().array(), at, event.scratch().size());
    }

    private void raw(byte[] bytes, int from, int to, int flags) {
        JsonWriter attributes = write();
        if ((flags & JsonFlags.NOT_JSONB) == 0) {
            attributes.raw(bytes, from, to - from);
        } else {
            ByteWriter scratch = event.scratch();
            int at = scratch.size();
            JsonText.sanitize(bytes, from, to, scratch);
            attributes.raw(scratch.array(), at, scratch.size() - at);
            scratch.truncate(at);
        }
    }

    /** A field with text. */
    void text(byte[] bytes, int from, int to) {
        Target target = target();
        if ((target == null || !fill(target, bytes, from, to)) && isNew()) {
            write().string(bytes, from, to - from);
            count();
        }
    }

    private @Nullable Target target() {
        return targets.isEmpty() ? null : targets.get(key.toString());
    }

    private boolean fill(Target target, byte[] bytes, int from, int to) {
        EventColumn column = target.column;
        if (!context.take(to - from)) {
            return false;
        }
        if (column == EventColumn.MESSAGE) {
            newMessage.set(bytes, from, to - from);
            return true;
        }
        Slice old = column.slice(event);
        if (old == null) {
            value.set(bytes, from, to - from);
            if (column == EventColumn.SEVERITY) {
                level.set(bytes, from, target.mayBeOfMonolog ? to - from : 0);
            }
            return column.read(event, value, target.scale, times);
        }
        if (old.length() > 0 && !(isOneMore() && keep(column, old))) {
            return false;
        }
        old.set(bytes, from, to - from);
        return true;
    }

    /** Notes the text that a column had. Only between members of the object itself. */
    private boolean keep(EventColumn column, Slice old) {
        if (open
                || AttributeText.has(event, column.keptAs())
                || !context.take(6 * old.length() + column.keptAs().length + 4)) {
            return false;
        }
        event.attributes().key(column.keptAs()).string(old.array(), old.offset(), old.length());
        start = event.attributes().text().size();
        counted = start;
        return true;
    }

    private boolean isNew() {
        boolean taken = isOneMore() && (into.length > 0 || !AttributeText.has(event, key));
        complete &= taken;
        return taken;
    }

    private boolean isOneMore() {
        return fields++ < FIELDS_MAX;
    }

    private JsonWriter write() {
        JsonWriter attributes = event.attributes();
        if (into.length > 0 && !open) {
            attributes.key(into).open('{');
            open = true;
            counted = attributes.text().size();
        }
        return attributes.key(key.array(), key.offset(), key.length());
    }

    /** Takes the room that the last field needed; without room nothing at all is added. */
    private void count() {
        int size = event.attributes().text().size();
        if (context.take(size - counted)) {
            counted = size;
        } else {
            event.attributes().truncate(start);
            fields = FIELDS_MAX;
            open = false;
            complete = false;
        }
    }

    void end() {
        if (hasChannel && level.length() > 0) {
            EventColumn.SEVERITY.fill(event, level, Levels.Scale.MONOLOG, times);
        }
        if (open) {
            event.attributes().close('}');
            open = false;
        }
        if (newMessage.isPresent()
                && (complete || event.message().length() == 0 || keep(EventColumn.MESSAGE, event.message()))) {
            event.message().set(newMessage.array(), newMessage.offset(), newMessage.length());
        }
    }
}
