package dev.sluice.rule.field;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.event.LogEvent;
import dev.sluice.event.Origin;
import dev.sluice.text.JsonWriter;
import dev.sluice.text.Slice;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** An event as one JSON object: the columns of its row by name, without those that are null. */
public final class EventJson {

    private static final int INITIAL_BYTES = 512;

    private final JsonWriter json = new JsonWriter(INITIAL_BYTES);

    private EventJson() {}

    /** The event as it would be stored. */
    public static byte[] of(LogEvent event, Origin origin) {
        EventJson object = new EventJson();
        object.json.open('{');
        object.time("received_at", event.receivedAtMicros());
        object.time("event_at", event.eventAtMicros());
        object.number("severity", event.severity());
        object.number("facility", event.facility());
        Field.COLUMNS.forEach((name, column) -> object.text(name, column.apply(event)));
        if (!event.attributes().isEmpty()) {
            byte[] members = event.attributes().text().toByteArray();
            object.key("attributes").open('{');
            object.json.raw(members, 0, members.length);
            object.json.close('}');
        }
        object.key("source").string(origin.sourceBytes(), 0, origin.sourceBytes().length);
        object.key("listener").string(origin.listenerBytes(), 0, origin.listenerBytes().length);
        object.json.close('}');
        return object.json.text().toByteArray();
    }

    private JsonWriter key(String name) {
        return json.key(name.getBytes(US_ASCII));
    }

    private void time(String name, long micros) {
        if (micros != LogEvent.NO_TIME) {
            byte[] text =
                    Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString().getBytes(US_ASCII);
            key(name).string(text, 0, text.length);
        }
    }

    private void number(String name, int value) {
        if (value != LogEvent.UNKNOWN) {
            byte[] text = Integer.toString(value).getBytes(US_ASCII);
            key(name).raw(text, 0, text.length);
        }
    }

    private void text(String name, Slice value) {
        if (value.isPresent()) {
            key(name).string(value.array(), value.offset(), value.length());
        }
    }
}
