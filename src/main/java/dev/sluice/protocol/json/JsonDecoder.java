package dev.sluice.protocol.json;

import dev.sluice.event.JsonMembers;
import dev.sluice.event.LogEvent;
import dev.sluice.event.RejectReason;
import dev.sluice.protocol.line.Rejection;
import dev.sluice.protocol.line.RepairingDecoder;
import dev.sluice.protocol.line.TextDecoder;
import dev.sluice.text.JsonFlags;
import dev.sluice.text.JsonMember;
import dev.sluice.text.JsonScanner;
import dev.sluice.text.JsonSyntax;
import dev.sluice.text.LocalZone;
import dev.sluice.text.Utf8;
import dev.sluice.text.WrittenTime;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object a line, in one pass without a tree: usual names become columns ({@link KnownKeys}), everything else
 * is copied to the attributes as it stands. An event without a message has the whole object as its message.
 *
 * <p>When a key stands twice, the second fills the column and the first is an attribute. Of an attribute that stands
 * twice {@code jsonb} keeps the last value, so that the object is kept as {@code sluice.original} too, in base64;
 * inside nested objects nobody looks. What is no JSON but is meant clearly ({@code NaN}, a comma too many, nginx's
 * {@code \x22}) is mended, and the object kept the same way.
 */
public final class JsonDecoder implements TextDecoder {

    private final JsonScanner scanner;
    private final JsonColumns columns;
    private final WrittenTime times;
    private final int depthMax;

    public JsonDecoder(LocalZone zone, int depthMax) {
        scanner = new JsonScanner(depthMax);
        times = new WrittenTime(zone);
        columns = new JsonColumns(times, scanner);
        this.depthMax = depthMax;
    }

    /** The time that a text beside an object is, in microseconds since the epoch, read as one in it; or NO_TIME. */
    public long time(byte[] bytes, int from, int to, LogEvent event) {
        return times.whole(bytes, from, to, event.receivedAtMicros(), event.timeParts());
    }

    @Override
    public @Nullable Rejection decode(byte[] bytes, int from, int to, LogEvent event) {
        JsonColumns.clear(event);
        int start = JsonSyntax.spaceEnd(bytes, Utf8.markEnd(bytes, from, to), to);
        if (start == to || bytes[start] != '{') {
            return new Rejection(RejectReason.MALFORMED_JSON, "The line is not a JSON object.");
        }
        int end = members(bytes, start, to, event);
        if (end < 0) {
            return refusal(end, from);
        }
        int rest = JsonSyntax.spaceEnd(bytes, end, to);
        if (rest < to) {
            return refusal(~rest, from);
        }
        JsonColumns.finish(bytes, event);
        if (!event.message().isPresent()) {
            event.message().set(bytes, start, end - start);
        }
        JsonMembers members = event.jsonMembers();
        if (members.isMended() || members.attributeKeys().isRepeated(bytes, start, end, event.scratch())) {
            RepairingDecoder.keepOriginal(bytes, start, end, event);
        }
        return null;
    }

    private int members(byte[] bytes, int start, int to, LogEvent event) {
        JsonMembers members = event.jsonMembers();
        int i = JsonSyntax.spaceEnd(bytes, start + 1, to);
        if (i < to && bytes[i] == '}') {
            return i + 1;
        }
        while (true) {
            JsonMember member = members.current();
            int end = member.scan(bytes, i, to, 2, scanner);
            if (end < 0) {
                return end;
            }
            if (((member.keyFlags() | member.valueFlags()) & JsonFlags.LOOSE) != 0) {
                members.mended();
            }
            columns.member(bytes, event);
            i = JsonSyntax.spaceEnd(bytes, end, to);
            if (i == to || bytes[i] != ',') {
                return i < to && bytes[i] == '}' ? i + 1 : ~i;
            }
            i = JsonSyntax.spaceEnd(bytes, i + 1, to);
            if (i < to && bytes[i] == '}') {
                members.mended();
                return i + 1;
            }
        }
    }

    private Rejection refusal(int end, int from) {
        if (end == JsonScanner.TOO_DEEP) {
            return new Rejection(
                    RejectReason.NESTED_TOO_DEEP, "The JSON is nested deeper than %d levels.".formatted(depthMax));
        }
        return new Rejection(
                RejectReason.MALFORMED_JSON, "The line is not a JSON object: see its byte %d.".formatted(~end - from));
    }
}
