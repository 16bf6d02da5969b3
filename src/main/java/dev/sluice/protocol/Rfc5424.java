package dev.sluice.protocol;

import dev.sluice.event.LogEvent;
import dev.sluice.text.IsoTime;
import dev.sluice.text.LocalZone;
import dev.sluice.text.Slice;
import dev.sluice.text.SwarSearch;
import dev.sluice.text.Utf8;

/**
 * RFC 5424 from VERSION on. The header must be well-formed; its lengths are not bounded, since the frame is. Where
 * STRUCTURED-DATA is malformed or missing (some senders leave it out) the message starts in its place, so that nothing
 * is lost.
 */
final class Rfc5424 {

    private Rfc5424() {}

    /** Whether {@code bytes[from, to)}, behind the PRI, is such an event; else the flyweight holds parts of one. */
    static boolean decode(byte[] bytes, int from, int to, LogEvent event) {
        if (to - from < 2 || bytes[from] != '1' || bytes[from + 1] != ' ') {
            return false;
        }
        int i = time(bytes, from + 2, to, event);
        i = field(bytes, i, to, event.host());
        i = field(bytes, i, to, event.app());
        i = field(bytes, i, to, event.procId());
        i = field(bytes, i, to, event.msgId());
        if (i < 0) {
            return false;
        }
        message(bytes, structuredDataEnd(bytes, i, to, event), to, event);
        return true;
    }

    private static int time(byte[] bytes, int from, int to, LogEvent event) {
        int end = SwarSearch.space(bytes, from, to);
        if (end == to) {
            return -1;
        }
        if (!isNil(bytes, from, end)) {
            long micros = IsoTime.micros(bytes, from, end, LocalZone.NONE);
            if (micros == LogEvent.NO_TIME) {
                return -1;
            }
            event.eventAtMicros(micros);
        }
        return end + 1;
    }

    /** Decodes a header field and returns where the next one starts; -1 if it is none or an earlier one was none. */
    private static int field(byte[] bytes, int from, int to, Slice field) {
        if (from < 0) {
            return -1;
        }
        int end = SwarSearch.space(bytes, from, to);
        if (end == to || end == from) {
            return -1;
        }
        if (!isNil(bytes, from, end)) {
            field.set(bytes, from, end - from);
        }
        return end + 1;
    }

    /** Where the space before the message is, or the message itself if there is no structured data. */
    private static int structuredDataEnd(byte[] bytes, int from, int to, LogEvent event) {
        if (from < to && bytes[from] == '-' && (from + 1 == to || bytes[from + 1] == ' ')) {
            return from + 1;
        }
        if (from == to || bytes[from] != '[') {
            return from;
        }
        int end = StructuredData.decode(bytes, from, to, event);
        if (end < 0) {
            event.attributes().clear();
            return from;
        }
        return end;
    }

    private static void message(byte[] bytes, int from, int to, LogEvent event) {
        int i = from < to && bytes[from] == ' ' ? from + 1 : from;
        i = Utf8.markEnd(bytes, i, to);
        event.message().set(bytes, i, to - i);
    }

    private static boolean isNil(byte[] bytes, int from, int end) {
        return end - from == 1 && bytes[from] == '-';
    }
}
