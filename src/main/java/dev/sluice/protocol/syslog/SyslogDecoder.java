package dev.sluice.protocol.syslog;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.event.LogEvent;
import dev.sluice.protocol.line.Rejection;
import dev.sluice.protocol.line.TextDecoder;
import dev.sluice.text.Ascii;
import dev.sluice.text.LocalZone;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Syslog lines: RFC 5424, else a BSD header, else text. PRI may have blanks before and after it, may be out of range
 * (then it says nothing) or be missing; it is never part of the message. A line without a header is an event whose
 * message is all of it; what is certainly a tag is told beside it.
 */
public final class SyslogDecoder implements TextDecoder {

    private static final int PRI_MAX = 191;
    private static final int PRI_DIGITS_MAX = 9;

    /** Relays for Windows write the sender before the header that they send on. */
    private static final byte[] ORIGINAL = "Original Address=".getBytes(US_ASCII);

    private static final byte[] RELAYED = "syslog.relay".getBytes(US_ASCII);

    private final Rfc5424 rfc5424;
    private final BsdHeader bsd;

    public SyslogDecoder(LocalZone zone) {
        rfc5424 = new Rfc5424(zone);
        bsd = new BsdHeader(zone);
    }

    @Override
    public @Nullable Rejection decode(byte[] bytes, int from, int to, LogEvent event) {
        int start = StructuredData.spacesEnd(bytes, from, to);
        int end = priority(bytes, start, to, event);
        boolean priority = end > start;
        int header = priority ? StructuredData.spacesEnd(bytes, end, to) : start;
        int original = originalEnd(bytes, header, to);
        if (!isVersioned(bytes, original, to, priority, event) && !bsd.decode(bytes, original, to, priority, event)) {
            forget(event);
            int text = priority ? end : from;
            event.message().set(bytes, text, to - text);
            if (priority) {
                HeaderTag.decodeCertain(bytes, header, to, event);
            }
        } else if (original > header) {
            event.attributes().key(RELAYED).string(bytes, header, original - 1 - header);
        }
        return null;
    }

    /** RFC 5424, or {@code 1 Oct 11 22:14:15 host tag: }, a BSD header that says it is. */
    private boolean isVersioned(byte[] bytes, int from, int to, boolean priority, LogEvent event) {
        if (to - from < 2 || bytes[from] != '1' || bytes[from + 1] != ' ') {
            return false;
        }
        int time = from + 2;
        if (rfc5424.decode(bytes, time, to, priority, event)) {
            return true;
        }
        forget(event);
        boolean bsdTime = time < to && Ascii.isLetter(bytes[time]) && bsd.decode(bytes, time, to, priority, event);
        if (!bsdTime) {
            forget(event);
        }
        return bsdTime;
    }

    /** Takes back what a decoder set before it found that the line is not its own; PRI stays. */
    static void forget(LogEvent event) {
        event.eventAtMicros(LogEvent.NO_TIME);
        event.host().clear();
        event.app().clear();
        event.procId().clear();
        event.msgId().clear();
        event.attributes().clear();
    }

    /** Decodes {@code <PRI>} and returns where it ends; {@code from} if there is none. */
    private static int priority(byte[] bytes, int from, int to, LogEvent event) {
        if (from == to || bytes[from] != '<') {
            return from;
        }
        boolean negative = from + 1 < to && bytes[from + 1] == '-';
        int first = negative ? from + 2 : from + 1;
        int i = Ascii.digitsEnd(bytes, first, Math.min(to, first + PRI_DIGITS_MAX));
        int priority = Ascii.number(bytes, first, i);
        if (i == first || i == to || bytes[i] != '>') {
            return from;
        }
        if (!negative && priority <= PRI_MAX) {
            event.severity(priority & 7);
            event.facility(priority >> 3);
        }
        return i + 1;
    }

    private static int originalEnd(byte[] bytes, int from, int to) {
        int value = from + ORIGINAL.length;
        if (value >= to || bytes[from] != 'O' || !Arrays.equals(bytes, from, value, ORIGINAL, 0, ORIGINAL.length)) {
            return from;
        }
        int end = HeaderHost.wordEnd(bytes, value, to);
        return Math.min(end + 1, to);
    }
}
