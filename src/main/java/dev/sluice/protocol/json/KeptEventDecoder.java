package dev.sluice.protocol.json;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.EventSink;
import dev.sluice.event.LogEvent;
import dev.sluice.event.ProtocolDecoder;
import dev.sluice.event.RejectReason;
import dev.sluice.text.JsonFlags;
import dev.sluice.text.JsonMember;
import dev.sluice.text.JsonScanner;
import dev.sluice.text.JsonSyntax;
import dev.sluice.text.JsonText;
import dev.sluice.text.Slice;
import dev.sluice.text.Utf8;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * An event that was decoded already and is kept as JSON in a dead letter, with its columns by name, as
 * {@code rule.field.EventJson} and the store write it. Only for the rare one; clarity before speed.
 */
public final class KeptEventDecoder implements ProtocolDecoder {

    /** Deeper than any JSON that is decoded. */
    private static final JsonScanner SCANNER = new JsonScanner(1024);

    @Override
    public void decode(byte[] bytes, int from, int to, LogEvent event, EventSink sink) {
        if (isEvent(bytes, from, to, event)) {
            sink.event(event);
        } else {
            sink.reject(
                    RejectReason.MALFORMED_JSON, "The payload is not an event as Sluice keeps it.", bytes, from, to);
        }
    }

    private static boolean isEvent(byte[] bytes, int from, int to, LogEvent event) {
        JsonFlags flags = new JsonFlags();
        boolean isObject = from < to
                && bytes[from] == '{'
                && Utf8.isClean(bytes, from, to)
                && SCANNER.value(bytes, from, to, 1, flags) == to
                && (flags.take() & (JsonFlags.NOT_JSONB | JsonFlags.LOOSE)) == 0;
        try {
            return isObject && members(bytes, from, to, event);
        } catch (DateTimeException | ArithmeticException | NumberFormatException none) {
            return false;
        }
    }

    private static boolean members(byte[] bytes, int from, int to, LogEvent event) {
        JsonMember member = new JsonMember();
        int i = JsonSyntax.spaceEnd(bytes, from + 1, to);
        while (bytes[i] != '}') {
            i = member.next(bytes, i, to, SCANNER);
            if (!column(bytes, member, event)) {
                return false;
            }
        }
        return true;
    }

    private static boolean column(byte[] bytes, JsonMember member, LogEvent event) {
        String name = new String(bytes, member.keyFrom() + 1, member.keyTo() - member.keyFrom() - 2, UTF_8);
        switch (name) {
            case "received_at" -> receivedAt(micros(bytes, member), event);
            case "event_at" -> event.eventAtMicros(micros(bytes, member));
            case "severity" -> event.severity(number(bytes, member));
            case "facility" -> event.facility(number(bytes, member));
            case "host" -> text(bytes, member, event, event.host());
            case "app" -> text(bytes, member, event, event.app());
            case "proc_id" -> text(bytes, member, event, event.procId());
            case "msg_id" -> text(bytes, member, event, event.msgId());
            case "message" -> text(bytes, member, event, event.message());
            case "attributes" -> {
                return attributes(bytes, member, event);
            }
            case "source", "listener" -> {
                // the dead letter has them as columns
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /** It stands first, and so nothing else is forgotten. */
    private static void receivedAt(long micros, LogEvent event) {
        event.reset(micros);
    }

    private static long micros(byte[] bytes, JsonMember member) {
        String text = ascii(bytes, member);
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(text));
    }

    private static int number(byte[] bytes, JsonMember member) {
        return Short.parseShort(ascii(bytes, member));
    }

    private static String ascii(byte[] bytes, JsonMember member) {
        int from = member.textFrom(bytes);
        return new String(bytes, from, member.textTo(bytes) - from, US_ASCII);
    }

    private static void text(byte[] bytes, JsonMember member, LogEvent event, Slice column) {
        int start = event.scratch().size();
        JsonText.unescape(bytes, member.textFrom(bytes), member.textTo(bytes), event.scratch());
        column.set(event.scratch().array(), start, event.scratch().size() - start);
    }

    private static boolean attributes(byte[] bytes, JsonMember member, LogEvent event) {
        if (bytes[member.valueFrom()] != '{') {
            return false;
        }
        int from = JsonSyntax.spaceEnd(bytes, member.valueFrom() + 1, member.valueTo());
        if (bytes[from] != '}') {
            event.attributes().raw(bytes, from, member.valueTo() - 1 - from);
        }
        return true;
    }
}
