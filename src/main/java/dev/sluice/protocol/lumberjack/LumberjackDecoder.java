package dev.sluice.protocol.lumberjack;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.event.EventSink;
import dev.sluice.event.LogEvent;
import dev.sluice.event.ProtocolDecoder;
import dev.sluice.event.RejectReason;
import dev.sluice.protocol.line.RepairingDecoder;
import dev.sluice.text.BigEndian;
import dev.sluice.text.ByteWriter;
import dev.sluice.text.JsonWriter;
import dev.sluice.text.Utf8;
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
        Pairs pairs = new Pairs(to - from);
        if (!pairs.read(bytes, from, to)) {
            sink.reject(RejectReason.MALFORMED_JSON, "The frame is neither JSON nor pairs.", bytes, from, to);
            return;
        }
        ByteWriter object = pairs.object.text();
        EventSink kept = pairs.isClean ? sink : new OriginalKept(sink, bytes, from, to);
        json.decode(object.array(), 0, object.size(), event, kept);
    }

    /** The pairs of one frame, as an object whose text is clean. */
    private static final class Pairs {
        private final JsonWriter object;
        private boolean isClean = true;

        Pairs(int bytes) {
            object = new JsonWriter(bytes);
        }

        /** False when they do not fill the frame. */
        boolean read(byte[] bytes, int from, int to) {
            object.open('{');
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
                text(bytes, key, keyEnd, line ? (name, start, length) -> object.key(MESSAGE) : object::key);
                text(bytes, keyEnd + LENGTH_BYTES, valueEnd, object::string);
                at = valueEnd;
            }
            object.close('}');
            return at == to;
        }

        /** Repairs what PostgreSQL refuses before it is escaped, which makes six bytes of one. */
        private void text(byte[] bytes, int from, int to, Text into) {
            if (Utf8.isClean(bytes, from, to)) {
                into.write(bytes, from, to - from);
                return;
            }
            isClean = false;
            ByteWriter repaired = new ByteWriter(to - from);
            Utf8.repair(bytes, from, to, repaired);
            into.write(repaired.array(), 0, repaired.size());
        }
    }

    private interface Text {
        void write(byte[] bytes, int from, int length);
    }

    /** Has the event keep the frame that it was made of, as {@link RepairingDecoder} does. */
    private record OriginalKept(EventSink sink, byte[] frame, int from, int to) implements EventSink {
        @Override
        public void event(LogEvent event) {
            RepairingDecoder.keepOriginal(frame, from, to, event);
            sink.event(event);
        }

        @Override
        public void reject(RejectReason reason, String detail, byte[] array, int start, int end) {
            sink.reject(reason, detail, frame, from, to);
        }
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
