package dev.sluice.protocol;

import dev.sluice.event.LogEvent;
import dev.sluice.text.Ascii;
import dev.sluice.text.LocalZone;
import org.jspecify.annotations.Nullable;

/**
 * Syslog lines: RFC 5424, else RFC 3164, else text. A line that is neither is an event whose message is the whole line,
 * PRI included; severity and facility are set all the same when the PRI is valid.
 */
final class SyslogDecoder implements TextDecoder {

    private static final int PRI_MAX = 191;

    private final Rfc3164 rfc3164;

    SyslogDecoder(LocalZone zone) {
        rfc3164 = new Rfc3164(zone);
    }

    @Override
    public @Nullable Refusal decode(byte[] bytes, int from, int to, LogEvent event) {
        int header = priority(bytes, from, to, event);
        if (header < 0 || !(Rfc5424.decode(bytes, header, to, event) || rfc3164.decode(bytes, header, to, event))) {
            text(bytes, from, to, event);
        }
        return null;
    }

    private static void text(byte[] bytes, int from, int to, LogEvent event) {
        forget(event);
        event.message().set(bytes, from, to - from);
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

    /** Decodes {@code <PRI>} and returns where it ends, or -1. */
    private static int priority(byte[] bytes, int from, int to, LogEvent event) {
        if (from == to || bytes[from] != '<') {
            return -1;
        }
        int priority = 0;
        int i = from + 1;
        while (i < to && i <= from + 3 && Ascii.isDigit(bytes[i])) {
            priority = priority * 10 + bytes[i] - '0';
            i++;
        }
        if (i == from + 1 || i == to || bytes[i] != '>' || priority > PRI_MAX) {
            return -1;
        }
        event.severity(priority & 7);
        event.facility(priority >> 3);
        return i + 1;
    }
}
