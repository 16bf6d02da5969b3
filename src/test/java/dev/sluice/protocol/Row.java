package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.EventSink;
import dev.sluice.event.LogEvent;
import dev.sluice.event.ProtocolDecoder;
import dev.sluice.event.RejectReason;
import dev.sluice.text.Slice;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a frame becomes, as JSON that a test can compare and a reader can read: columns by name, absent ones left out.
 */
public final class Row {

    public static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private Row() {}

    /** Decodes one frame that was read at a moment. */
    public static JsonNode of(ProtocolDecoder decoder, byte[] frame, Instant receivedAt) {
        return of(decoder, frame, receivedAt, new LogEvent());
    }

    /** Decodes one frame into a flyweight that may have been used before. */
    public static JsonNode of(ProtocolDecoder decoder, byte[] frame, Instant receivedAt, LogEvent event) {
        List<JsonNode> rows = new ArrayList<>();
        event.reset(ChronoUnit.MICROS.between(Instant.EPOCH, receivedAt));
        // Neighbouring bytes would show a decoder that reads beyond its frame.
        byte[] bytes = "\"<9}".repeat(2).getBytes(UTF_8);
        byte[] padded = new byte[frame.length + 2 * bytes.length];
        System.arraycopy(bytes, 0, padded, 0, bytes.length);
        System.arraycopy(frame, 0, padded, bytes.length, frame.length);
        System.arraycopy(bytes, 0, padded, bytes.length + frame.length, bytes.length);
        decoder.decode(padded, bytes.length, bytes.length + frame.length, event, new EventSink() {
            @Override
            public void event(LogEvent decoded) {
                rows.add(Row.of(decoded));
            }

            @Override
            public void reject(RejectReason reason, String detail, byte[] array, int from, int to) {
                assert Arrays.equals(array, from, to, frame, 0, frame.length);
                rows.add(JSON.createObjectNode().put("reject", reason.label()));
            }
        });
        if (rows.size() != 1) {
            throw new AssertionError("A frame became " + rows.size() + " rows");
        }
        return rows.getFirst();
    }

    public static JsonNode of(LogEvent event) {
        ObjectNode row = JSON.createObjectNode();
        if (event.eventAtMicros() != LogEvent.NO_TIME) {
            row.put(
                    "event_at",
                    Instant.EPOCH.plus(event.eventAtMicros(), ChronoUnit.MICROS).toString());
        }
        if (event.severity() != LogEvent.UNKNOWN) {
            row.put("severity", event.severity());
        }
        if (event.facility() != LogEvent.UNKNOWN) {
            row.put("facility", event.facility());
        }
        put(row, "host", event.host());
        put(row, "app", event.app());
        put(row, "proc_id", event.procId());
        put(row, "msg_id", event.msgId());
        put(row, "message", event.message());
        if (!event.attributes().isEmpty()) {
            row.set("attributes", JSON.readTree(attributes(event)));
        }
        return row;
    }

    /** The attributes as the row encoder stores them. */
    static String attributes(LogEvent event) {
        return "{%s}"
                .formatted(new String(
                        event.attributes().text().array(),
                        0,
                        event.attributes().text().size(),
                        UTF_8));
    }

    private static void put(ObjectNode row, String column, Slice slice) {
        if (slice.isPresent()) {
            row.put(column, slice.toString());
        }
    }
}
