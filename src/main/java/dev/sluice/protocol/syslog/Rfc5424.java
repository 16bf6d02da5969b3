package dev.sluice.protocol.syslog;

import dev.sluice.event.LogEvent;
import dev.sluice.text.Ascii;
import dev.sluice.text.IsoTime;
import dev.sluice.text.LocalZone;
import dev.sluice.text.Slice;
import dev.sluice.text.SwarSearch;
import dev.sluice.text.Utf8;

/**
 * RFC 5424 after VERSION; its lengths are not bounded, since the frame is. A header that is not quite one is read as
 * far as it goes, and what cannot be read takes none of its neighbours with it:
 *
 * <ul>
 *   <li>A time without an offset is local, one in seconds since 1970 is taken; any other text in its place is kept as
 *       the attribute {@code syslog.time} if all the fields after it are there.
 *   <li>Where STRUCTURED-DATA is malformed or left out the message starts in its place.
 *   <li>Where more is left out the message starts after the host.
 * </ul>
 */
final class Rfc5424 {

    private static final int DATE_LENGTH = 10;
    private static final int CLOCK_LENGTH = 9;

    private final LocalZone zone;

    Rfc5424(LocalZone zone) {
        this.zone = zone;
    }

    /**
     * Whether {@code bytes[time, to)}, after PRI and VERSION, is such an event; else the flyweight holds parts of one.
     *
     * @param priority whether there was a PRI; without one only a header with a time is believed
     */
    boolean decode(byte[] bytes, int time, int to, boolean priority, LogEvent event) {
        int host = timeEnd(bytes, time, to) + 1;
        boolean timed = time(bytes, time, host - 1, to, event);
        int app = field(bytes, host, to, event.host());
        int process = field(bytes, app, to, event.app());
        int id = field(bytes, process, to, event.procId());
        int data = field(bytes, id, to, event.msgId());
        boolean structured = data > 0 && (data == to || bytes[data] == '-' || bytes[data] == '[');
        if (!timed && !(structured && priority && data < to)) {
            return false;
        }
        if (!structured && !isWithoutData(bytes, id, data, event)) {
            return app < 0 ? priority && ended(bytes, host, to, event) : cutShort(bytes, app, to, event);
        }
        message(bytes, structuredDataEnd(bytes, data, to, event), to, event);
        if (!timed) {
            event.attributes().key(HeaderTime.TEXT).string(bytes, time, host - 1 - time);
        }
        return true;
    }

    /** Where the field of the time ends, which some write with a blank for the T. */
    private static int timeEnd(byte[] bytes, int from, int to) {
        int end = SwarSearch.space(bytes, from, to);
        boolean date = end - from == DATE_LENGTH && to - end > CLOCK_LENGTH && bytes[from + 4] == '-';
        boolean clock = date && bytes[end + 3] == ':' && bytes[end + 6] == ':';
        return clock ? SwarSearch.space(bytes, end + 1, to) : end;
    }

    private boolean time(byte[] bytes, int from, int end, int to, LogEvent event) {
        if (isNil(bytes, from, end)) {
            return true;
        }
        long micros = IsoTime.micros(bytes, from, end, zone);
        if (micros == LogEvent.NO_TIME) {
            return end < to && HeaderTime.epoch(bytes, from, end + 1, event) == end;
        }
        event.eventAtMicros(micros);
        return true;
    }

    /** Decodes a header field and returns where the next one starts; -1 if it is none or an earlier one was none. */
    private static int field(byte[] bytes, int from, int to, Slice field) {
        if (from < 0 || from >= to) {
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

    /** Whether the header is whole but for its data: a process that is one, or no name of a message. */
    private static boolean isWithoutData(byte[] bytes, int id, int data, LogEvent event) {
        if (data < 0) {
            return false;
        }
        Slice process = event.procId();
        if (!process.isPresent() || !event.msgId().isPresent()) {
            return true;
        }
        boolean digit = false;
        for (int i = process.offset(); i < id - 1; i++) {
            if (bytes[i] == '=' || bytes[i] == '|') {
                return false;
            }
            digit |= Ascii.isDigit(bytes[i]);
        }
        return digit;
    }

    /** Nothing but a time, or a time and a host. */
    private static boolean ended(byte[] bytes, int host, int to, LogEvent event) {
        if (event.eventAtMicros() == LogEvent.NO_TIME) {
            return false;
        }
        boolean isNamed = host < to && HeaderHost.isHost(bytes, host, to);
        if (isNamed) {
            event.host().set(bytes, host, to - host);
        }
        int message = isNamed || isNil(bytes, host, to) ? to : Math.min(host, to);
        event.message().set(bytes, message, to - message);
        return true;
    }

    /** Time and host stand, the rest is the message. */
    private static boolean cutShort(byte[] bytes, int app, int to, LogEvent event) {
        if (app < 0) {
            return false;
        }
        event.app().clear();
        event.procId().clear();
        event.msgId().clear();
        event.message().set(bytes, app, to - app);
        return true;
    }

    /** Where the space before the message is, or the message itself if there is no structured data. */
    private static int structuredDataEnd(byte[] bytes, int from, int to, LogEvent event) {
        if (isNone(bytes, from, to)) {
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

    private static boolean isNone(byte[] bytes, int from, int to) {
        return from < to && bytes[from] == '-' && (from + 1 == to || bytes[from + 1] == ' ');
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
