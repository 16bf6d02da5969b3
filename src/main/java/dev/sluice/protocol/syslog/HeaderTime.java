package dev.sluice.protocol.syslog;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.event.LogEvent;
import dev.sluice.text.Ascii;
import dev.sluice.text.EpochTime;
import dev.sluice.text.LocalZone;
import dev.sluice.text.WrittenTime;

/** The times in syslog headers that are not those of RFC 5424: any {@link WrittenTime}, and seconds since 1970. */
final class HeaderTime {

    /** The attribute that keeps a time which could not be read. */
    static final byte[] TEXT = "syslog.time".getBytes(US_ASCII);

    private static final int EPOCH_SECONDS_LENGTH = 10;
    private static final int EPOCH_MILLIS_LENGTH = 13;

    private final WrittenTime written;

    HeaderTime(LocalZone zone) {
        written = new WrittenTime(zone);
    }

    /** Sets the time that starts at {@code from} and returns where it ends, or -1. */
    int decode(byte[] bytes, int from, int to, LogEvent event) {
        int end = written.decode(bytes, from, to, event.receivedAtMicros(), event.timeParts());
        if (end >= 0) {
            event.eventAtMicros(event.timeParts().micros());
        }
        return end;
    }

    /** Whether a time in brackets starts at {@code from}, which is set then. */
    boolean isInBrackets(byte[] bytes, int from, int to, LogEvent event) {
        boolean found = written.decodeInBrackets(bytes, from, to, event.receivedAtMicros(), event.timeParts()) > 0;
        if (found) {
            event.eventAtMicros(event.timeParts().micros());
        }
        return found;
    }

    /** Sets the time that the word at {@code from} is, in seconds or milliseconds since 1970; its end, or -1. */
    static int epoch(byte[] bytes, int from, int to, LogEvent event) {
        int whole = Ascii.digitsEnd(bytes, from, to);
        if (whole - from != EPOCH_SECONDS_LENGTH && whole - from != EPOCH_MILLIS_LENGTH) {
            return -1;
        }
        int end = whole < to && bytes[whole] == '.' ? Ascii.digitsEnd(bytes, whole + 1, to) : whole;
        boolean blank = end < to && (bytes[end] == ' ' || bytes[end] == '\t');
        long micros = blank ? EpochTime.micros(bytes, from, end) : LogEvent.NO_TIME;
        if (micros == LogEvent.NO_TIME) {
            return -1;
        }
        event.eventAtMicros(micros);
        return end;
    }
}
