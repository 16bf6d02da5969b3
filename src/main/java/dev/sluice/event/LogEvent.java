package dev.sluice.event;

import dev.sluice.text.ByteWriter;
import dev.sluice.text.IsoTime;
import dev.sluice.text.JsonWriter;
import dev.sluice.text.Levels;
import dev.sluice.text.Slice;
import dev.sluice.text.TimeParts;

/**
 * One log event as a reused flyweight: its text fields are ranges of the frame it came from, or of {@link #scratch()}
 * where unescaping changed them. A worker owns one, decodes into it, lets the processors see it, and encodes it before
 * the next event overwrites it. Not thread-safe.
 */
public final class LogEvent {

    /** The event names no time; {@code event_at} becomes {@code received_at}. */
    public static final long NO_TIME = IsoTime.NO_TIME;
    /** No severity or facility is known. */
    public static final int UNKNOWN = Levels.UNKNOWN;

    private static final int SCRATCH_BYTES = 4096;

    private long receivedAtMicros;
    private long eventAtMicros = NO_TIME;
    private int severity = UNKNOWN;
    private int facility = UNKNOWN;
    private final Slice host = new Slice();
    private final Slice app = new Slice();
    private final Slice procId = new Slice();
    private final Slice msgId = new Slice();
    private final Slice message = new Slice();
    private final JsonWriter attributes = new JsonWriter(SCRATCH_BYTES);
    private final ByteWriter scratch = new ByteWriter(SCRATCH_BYTES);
    private final JsonMembers jsonMembers = new JsonMembers();
    private final TimeParts timeParts = new TimeParts();

    /** Starts a new event that was read at {@code receivedAtMicros} since the epoch. */
    public void reset(long receivedAtMicros) {
        this.receivedAtMicros = receivedAtMicros;
        eventAtMicros = NO_TIME;
        severity = UNKNOWN;
        facility = UNKNOWN;
        host.clear();
        app.clear();
        procId.clear();
        msgId.clear();
        message.clear();
        attributes.clear();
        scratch.truncate(0);
    }

    /** When Sluice read it, in microseconds since the epoch. */
    public long receivedAtMicros() {
        return receivedAtMicros;
    }

    /** The shipper's own time in microseconds since the epoch, or {@link #NO_TIME}. */
    public long eventAtMicros() {
        return eventAtMicros;
    }

    /** Sets the shipper's own time in microseconds since the epoch. */
    public void eventAtMicros(long micros) {
        eventAtMicros = micros;
    }

    /** Syslog severity 0 to 7 (RFC 5424 section 6.2.1), or {@link #UNKNOWN}. */
    public int severity() {
        return severity;
    }

    /** Sets the syslog severity. */
    public void severity(int value) {
        severity = value;
    }

    /** Syslog facility 0 to 23 (RFC 5424 section 6.2.1), or {@link #UNKNOWN}. */
    public int facility() {
        return facility;
    }

    /** Sets the syslog facility. */
    public void facility(int value) {
        facility = value;
    }

    /** The machine that produced the event. */
    public Slice host() {
        return host;
    }

    /** The application, service or logger. */
    public Slice app() {
        return app;
    }

    /** The process or thread. */
    public Slice procId() {
        return procId;
    }

    /** The kind of event. */
    public Slice msgId() {
        return msgId;
    }

    /** The text; a stored event always has one. */
    public Slice message() {
        return message;
    }

    /** Everything that has no column: the members of one JSON object, written in place. */
    public JsonWriter attributes() {
        return attributes;
    }

    /** Where a decoder writes text that it had to change; slices may point into it until the next reset. */
    public ByteWriter scratch() {
        return scratch;
    }

    /** What the decoder of a JSON object notes of it, because decoders keep no state of their own. */
    public JsonMembers jsonMembers() {
        return jsonMembers;
    }

    /** What the decoder of a time notes of it, for the same reason. */
    public TimeParts timeParts() {
        return timeParts;
    }
}
