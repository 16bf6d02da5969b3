package dev.sluice.protocol.lumberjack;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.event.EventSink;
import dev.sluice.event.LogEvent;
import dev.sluice.event.ProtocolDecoder;
import dev.sluice.event.RejectReason;
import dev.sluice.text.BigEndian;
import dev.sluice.text.JsonWriter;
import java.util.Arrays;

/**
 * An event of Lumberjack: JSON as it stands, or the pairs of version 1, which are written as JSON first, so that both
 * fill the same columns. What version 1 calls {@code line} is the message.
 */
public final class LumberjackDecoder implements ProtocolDecoder {

    private static final byte[] LINE = "line".getBytes(US_ASCII);
    private static final byte[] MESSAGE = "message".getBytes(US_ASCII);
    private static final int LENGTH_BYTES = Integer.BYTES;

    private final ProtocolDecoder json;

    public LumberjackDecoder(ProtocolDecoder json) {
        this.json = json;
    }

    @Override
    public void decode(byte[] bytes, int from, int to, LogEvent event, EventSink sink) {
        if (to - from < LENGTH_BYTES || bytes[from] != 0) {
            json.decode(bytes, from, to, event, sink);
            return;
        }
        JsonWriter object = new JsonWriter(to - from);
        object.open('{');
        if (!pairs(bytes, from, to, object)) {
            sink.reject(RejectReason.MALFORMED_JSON, "The frame is neither JSON nor pairs.", bytes, from, to);
            return;
        }
        object.close('}');
        json.decode(object.text().array(), 0, object.text().size(), event, sink);
    }

    private static boolean pairs(byte[] bytes, int from, int to, JsonWriter object) {
        int count = BigEndian.int32(bytes, from);
        int at = from + LENGTH_BYTES;
        for (int i = 0; i < count; i++) {
            int keyEnd = end(bytes, at, to);
            int valueEnd = keyEnd < 0 ? keyEnd : end(bytes, keyEnd, to);
            if (valueEnd < 0) {
                return false;
            }
            int key = at + LENGTH_BYTES;
            boolean line = Arrays.equals(bytes, key, keyEnd, LINE, 0, LINE.length);
            JsonWriter member = line ? object.key(MESSAGE) : object.key(bytes, key, keyEnd - key);
            member.string(bytes, keyEnd + LENGTH_BYTES, valueEnd - keyEnd - LENGTH_BYTES);
            at = valueEnd;
        }
        return at == to;
    }

    /** Where the text ends whose length stands at {@code at}, or -1. */
    private static int end(byte[] bytes, int at, int to) {
        if (to - at < LENGTH_BYTES) {
            return -1;
        }
        int length = BigEndian.int32(bytes, at);
        return length < 0 || length > to - at - LENGTH_BYTES ? -1 : at + LENGTH_BYTES + length;
    }
}
