package dev.sluice.protocol.forward;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.event.EventSink;
import dev.sluice.event.LogEvent;
import dev.sluice.event.ProtocolDecoder;
import dev.sluice.event.RejectReason;
import dev.sluice.protocol.json.JsonDecoder;
import dev.sluice.protocol.line.Rejection;
import dev.sluice.protocol.line.RepairingDecoder;
import dev.sluice.protocol.line.TextDecoder;
import dev.sluice.text.ByteWriter;
import dev.sluice.text.EpochTime;
import dev.sluice.text.JsonFlags;
import dev.sluice.text.JsonSyntax;
import dev.sluice.text.JsonText;
import dev.sluice.text.Utf8;
import org.jspecify.annotations.Nullable;

/** One Forward message that came as JSON a frame; its records are decoded as they stand. */
final class ForwardJsonDecoder {

    private static final Rejection NO_MESSAGE =
            new Rejection(RejectReason.MALFORMED_FORWARD, "The frame is no Forward message.");

    private final JsonDecoder json;
    private final ForwardLimits limits;
    private final boolean remembers;

    ForwardJsonDecoder(JsonDecoder json, ForwardLimits limits, boolean remembers) {
        this.json = json;
        this.limits = limits;
        this.remembers = remembers;
    }

    /** As {@link dev.sluice.event.ProtocolDecoder#decode}, of {@code bytes[from, to)} that begins with a bracket. */
    void decode(byte[] bytes, int from, int to, LogEvent event, EventSink sink) {
        ForwardJsonMessage message = ForwardJsonMessage.read(bytes, from, to);
        boolean longTag = message != null && message.tagTo() - message.tagFrom() > limits.eventBytesMax();
        if (message == null || longTag) {
            Rejection refusal = longTag ? ForwardEntries.LONG_TAG : NO_MESSAGE;
            sink.reject(refusal.reason(), refusal.detail(), bytes, from, to);
            return;
        }
        if (remembers && message.hasChunk()) {
            sink.identity(message.identity(bytes));
        }
        if (!entries(bytes, message, event, sink, limits.rowBytesMax(to - from, ForwardMessage.Compression.NONE))) {
            Rejection refusal = ForwardEntries.TOO_LARGE;
            sink.takeBack();
            sink.reject(refusal.reason(), refusal.detail(), bytes, from, to);
        }
    }

    /** Decodes the entries one by one; whether their rows are as large as they may be. */
    private boolean entries(
            byte[] bytes, ForwardJsonMessage message, LogEvent event, EventSink sink, long rowBytesMax) {
        ProtocolDecoder entry = new RepairingDecoder(new Entry(tag(bytes, message)));
        EventSink tagged = new Tagged(sink, bytes, message);
        if (!message.isForward()) {
            entry.decode(bytes, message.body(), message.bodyTo(), event, tagged);
            return sink.bytes() <= rowBytesMax;
        }
        JsonFlags ignored = new JsonFlags();
        long micros = event.receivedAtMicros();
        int i = JsonSyntax.spaceEnd(bytes, message.body() + 1, message.bodyTo());
        while (bytes[i] != ']' && sink.bytes() <= rowBytesMax) {
            int end = ForwardJsonMessage.SCANNER.value(bytes, i, message.bodyTo(), 2, ignored);
            event.reset(micros++);
            entry.decode(bytes, i, end, event, tagged);
            i = JsonSyntax.elementAfter(bytes, end, message.bodyTo());
        }
        return sink.bytes() <= rowBytesMax;
    }

    private static ByteWriter tag(byte[] bytes, ForwardJsonMessage message) {
        ByteWriter unescaped = new ByteWriter(message.tagTo() - message.tagFrom());
        JsonText.unescape(bytes, message.tagFrom() + 1, message.tagTo() - 1, unescaped);
        ByteWriter tag = new ByteWriter(unescaped.size());
        Utf8.repair(unescaped.array(), 0, unescaped.size(), tag);
        return tag;
    }

    /** Makes a dead letter a message of its own: without the tag nobody could decode the entry again. */
    private record Tagged(EventSink sink, byte[] message, ForwardJsonMessage places) implements EventSink {

        @Override
        public void event(LogEvent event) {
            sink.event(event);
        }

        @Override
        public void reject(RejectReason reason, String detail, byte[] bytes, int from, int to) {
            int tagBytes = places.tagTo() - places.tagFrom();
            ByteWriter whole = new ByteWriter(tagBytes + to - from + 6);
            whole.put('[');
            whole.put(message, places.tagFrom(), tagBytes);
            whole.put(places.isForward() ? ",[".getBytes(US_ASCII) : ",".getBytes(US_ASCII));
            whole.put(bytes, from, to - from);
            whole.put(places.isForward() ? "]]".getBytes(US_ASCII) : "]".getBytes(US_ASCII));
            sink.reject(reason, detail, whole.array(), 0, whole.size());
        }
    }

    /** A time, a comma and a record, in brackets or not. */
    private final class Entry implements TextDecoder {
        private final ByteWriter tag;

        Entry(ByteWriter tag) {
            this.tag = tag;
        }

        @Override
        public @Nullable Rejection decode(byte[] bytes, int from, int to, LogEvent event) {
            if (to - from + tag.size() > limits.eventBytesMax()) {
                return ForwardEntries.TOO_LONG;
            }
            boolean bracketed = bytes[from] == '[';
            int time = JsonSyntax.spaceEnd(bytes, bracketed ? from + 1 : from, to);
            int timeEnd = ForwardJsonMessage.SCANNER.value(bytes, time, to, 1, new JsonFlags());
            int comma = timeEnd < 0 ? to : JsonSyntax.spaceEnd(bytes, timeEnd, to);
            int record = comma < to && bytes[comma] == ',' ? JsonSyntax.spaceEnd(bytes, comma + 1, to) : to;
            int end = record < to && bytes[record] == '{' ? end(bytes, record, to, bracketed) : -1;
            if (end < 0) {
                return ForwardEntries.NO_ENTRY;
            }
            event.attributes().key(ForwardEntries.TAG).string(tag.array(), 0, tag.size());
            time(bytes, time, timeEnd, event);
            return json.decode(bytes, record, end, event);
        }

        /** A time that is none, or zero, leaves the time to the record; a text that is none is kept. */
        private void time(byte[] bytes, int from, int to, LogEvent event) {
            boolean text = bytes[from] == '"';
            ByteWriter scratch = event.scratch();
            int start = scratch.size();
            if (text) {
                JsonText.unescape(bytes, from + 1, to - 1, scratch);
            }
            int length = scratch.size() - start;
            long micros =
                    text ? json.time(scratch.array(), start, start + length, event) : EpochTime.micros(bytes, from, to);
            if (micros > 0) {
                event.eventAtMicros(micros);
            } else if (text && micros == LogEvent.NO_TIME) {
                event.attributes().key(ForwardEntries.TIME).string(scratch.array(), start, length);
            }
            scratch.truncate(start);
        }

        /** After the record, when nothing but a bracket follows. */
        private static int end(byte[] bytes, int record, int to, boolean bracketed) {
            int end = ForwardJsonMessage.SCANNER.value(bytes, record, to, 1, new JsonFlags());
            int rest = end < 0 ? -1 : JsonSyntax.spaceEnd(bytes, end, to);
            return rest == (bracketed ? to - 1 : to) ? end : -1;
        }
    }
}
