package dev.sluice.protocol.forward;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.event.EventSink;
import dev.sluice.event.LogEvent;
import dev.sluice.event.RejectReason;
import dev.sluice.protocol.forward.MsgPackHead.Kind;
import dev.sluice.protocol.json.JsonDecoder;
import dev.sluice.protocol.line.Rejection;
import dev.sluice.protocol.line.RepairingDecoder;
import dev.sluice.protocol.line.UnfitException;
import dev.sluice.text.ByteWriter;
import dev.sluice.text.EpochTime;
import dev.sluice.text.Utf8;
import org.jspecify.annotations.Nullable;

/** The entries of one Forward message, which become events one at a time. */
final class ForwardEntries {

    /** Neither name is one that a record would have. */
    static final byte[] TAG = "fluent.tag".getBytes(US_ASCII);

    private static final byte[] METADATA = "fluent.metadata".getBytes(US_ASCII);

    static final Rejection NO_ENTRY =
            new Rejection(RejectReason.MALFORMED_FORWARD, "The entry is not a time and a record.");
    static final Rejection TOO_LONG = new Rejection(RejectReason.OVERSIZE_FRAME, "The event is longer than max-frame.");
    static final Rejection LONG_TAG = new Rejection(RejectReason.OVERSIZE_FRAME, "The tag is longer than max-frame.");
    static final Rejection TOO_LARGE =
            new Rejection(RejectReason.OVERSIZE_FRAME, "The rows of the message are larger than they may be.");
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final int NANOS_PER_MICRO = 1000;
    /** A time that cannot be read. */
    static final byte[] TIME = "fluent.time".getBytes(US_ASCII);

    private static final int EVENT_TIME_BYTES = 8;
    private static final int ARRAY_OF_1 = 0x91;
    private static final int ARRAY_OF_2 = 0x92;
    private static final int ARRAY_OF_3 = 0x93;
    private static final int STRING_32 = 0xDB;

    private final JsonDecoder json;
    private final MsgPackJson text;
    private final LogEvent event;
    private final EventSink sink;
    private final Bounds bounds;
    private final MsgPackHead head = new MsgPackHead();
    private final ByteWriter tag = new ByteWriter(0);
    private long nextMicros;

    ForwardEntries(JsonDecoder json, int depthMax, LogEvent event, EventSink sink, Bounds bounds) {
        this.json = json;
        text = new MsgPackJson(depthMax);
        this.event = event;
        this.sink = sink;
        this.bounds = bounds;
        nextMicros = event.receivedAtMicros();
    }

    /** Sets the tag of all entries that follow. */
    void tag(byte[] bytes, int from, int to) {
        tag.truncate(0);
        Utf8.repair(bytes, from, to, tag);
    }

    /** Decodes the entries in {@code bytes[from, to)} that are there as a whole; returns where they end. */
    int decode(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            int end = MsgPack.end(bytes, at, to, head);
            if (end < 0) {
                return end == MsgPack.INVALID ? end : at;
            }
            entry(bytes, at, end);
            at = end;
        }
        return at;
    }

    private void entry(byte[] bytes, int from, int end) {
        head.read(bytes, from, end);
        int time = from + head.size();
        if (head.kind() == Kind.ARRAY && head.children() == 2) {
            int record = MsgPack.end(bytes, time, end, head);
            event(bytes, new Place(from, end, time, record));
        } else {
            reject(NO_ENTRY, bytes, from, end, true);
            requireFits();
        }
    }

    /** The longest event, and the most bytes of rows for all of them. */
    record Bounds(int eventBytesMax, long rowBytesMax) {}

    /** Where an entry is, whatever stands around it. */
    record Place(int from, int to, int time, int record) {}

    /** Decodes one entry. */
    void event(byte[] bytes, Place place) {
        event.reset(nextMicros++);
        Rejection refusal = place.to - place.from + tag.size() > bounds.eventBytesMax ? TOO_LONG : decode(bytes, place);
        if (refusal == null) {
            sink.event(event);
        } else {
            reject(refusal, bytes, place.from, place.to, place.from < place.time);
        }
        requireFits();
    }

    /** The dead letter is a message of its own: without the tag nobody could decode the entry again. */
    private void reject(Rejection refusal, byte[] bytes, int from, int to, boolean isArray) {
        ByteWriter message = new ByteWriter(tag.size() + to - from + 2 + Integer.BYTES + 1);
        message.put(isArray ? ARRAY_OF_2 : ARRAY_OF_3);
        message.put(STRING_32);
        message.putInt(tag.size());
        message.put(tag.array(), 0, tag.size());
        if (isArray) {
            message.put(ARRAY_OF_1);
        }
        message.put(bytes, from, to - from);
        sink.reject(refusal.reason(), refusal.detail(), message.array(), 0, message.size());
    }

    private void requireFits() {
        if (sink.bytes() > bounds.rowBytesMax) {
            throw new UnfitException(TOO_LARGE);
        }
    }

    private @Nullable Rejection decode(byte[] bytes, Place place) {
        event.attributes().key(TAG).string(tag.array(), 0, tag.size());
        head.read(bytes, place.time, place.to);
        boolean exact = true;
        if (head.kind() == Kind.ARRAY) {
            if (head.children() != 2) {
                return NO_ENTRY;
            }
            int time = place.time + head.size();
            int metadata = MsgPack.end(bytes, time, place.to, head);
            if (metadata(bytes, metadata, place.to) < 0) {
                return tooDeep();
            }
            exact = text.isExact();
            time(bytes, time, place.to);
        } else {
            time(bytes, place.time, place.to);
        }
        head.read(bytes, place.record, place.to);
        if (head.kind() != Kind.MAP) {
            return NO_ENTRY;
        }
        return record(bytes, place, exact);
    }

    private @Nullable Rejection record(byte[] bytes, Place place, boolean exactSoFar) {
        ByteWriter scratch = event.scratch();
        int start = scratch.size();
        int end = text.write(bytes, place.record, place.to, scratch);
        if (end < 0) {
            return end == MsgPackJson.TOO_DEEP ? tooDeep() : NO_ENTRY;
        }
        Rejection refusal = json.decode(scratch.array(), start, scratch.size(), event);
        if (refusal == null && !(exactSoFar && text.isExact())) {
            RepairingDecoder.keepOriginal(bytes, place.from, place.to, event);
        }
        return refusal;
    }

    private static Rejection tooDeep() {
        return new Rejection(RejectReason.NESTED_TOO_DEEP, "The record is nested too deeply, or a key is no text.");
    }

    private int metadata(byte[] bytes, int from, int to) {
        head.read(bytes, from, to);
        if (head.kind() == Kind.MAP && head.children() == 0) {
            return from;
        }
        ByteWriter scratch = event.scratch();
        int start = scratch.size();
        int end = text.write(bytes, from, to, scratch);
        if (end >= 0) {
            event.attributes().key(METADATA).raw(scratch.array(), start, scratch.size() - start);
        }
        return end;
    }

    /** A time that is none, or zero, leaves the time to the record. */
    private void time(byte[] bytes, int at, int to) {
        head.read(bytes, at, to);
        int content = at + head.size();
        switch (head.kind()) {
            case EXTENSION -> {
                if (head.payload() == EVENT_TIME_BYTES && head.extensionType(bytes, at) == 0) {
                    long seconds = MsgPackHead.unsignedInt(bytes, content);
                    long nanos = MsgPackHead.unsignedInt(bytes, content + Integer.BYTES);
                    set(seconds * MICROS_PER_SECOND + nanos / NANOS_PER_MICRO);
                }
            }
            case INTEGER -> {
                byte[] digits = Long.toUnsignedString(Math.max(MsgPackHead.integer(bytes, at), 0))
                        .getBytes(US_ASCII);
                long micros = EpochTime.micros(digits, 0, digits.length);
                set(micros == LogEvent.NO_TIME ? 0 : micros);
            }
            case FLOAT -> {
                double seconds = MsgPackHead.floating(bytes, at);
                if (seconds > 0 && seconds < 1L << Integer.SIZE) {
                    set(Math.round(seconds * MICROS_PER_SECOND));
                }
            }
            case STRING -> {
                int end = content + (int) head.payload();
                long micros = json.time(bytes, content, end, event);
                set(micros);
                if (micros == LogEvent.NO_TIME && Utf8.isClean(bytes, content, end)) {
                    event.attributes().key(TIME).string(bytes, content, end - content);
                }
            }
            default -> {
                // the record may have one
            }
        }
    }

    private void set(long micros) {
        if (micros > 0) {
            event.eventAtMicros(micros);
        }
    }
}
