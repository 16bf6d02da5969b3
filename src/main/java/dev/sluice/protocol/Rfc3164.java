package dev.sluice.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.event.LogEvent;
import dev.sluice.text.Ascii;
import dev.sluice.text.LocalZone;

/**
 * RFC 3164 from the timestamp on, as it is spoken: {@code TIME [HOST] [TAG[PID]:] MESSAGE}. A line is of this kind if
 * it has a time of one of the known forms ({@link Rfc3164Time}); everything behind the time is optional.
 *
 * <p>The first word after the time is the tag if it looks like one ({@code logger} leaves the host out on local
 * sockets), else the host. Network equipment puts a sequence number, its name and marks of an unset clock before the
 * time; that is kept as the attribute {@code syslog.prefix}.
 */
final class Rfc3164 {

    private static final byte[] PREFIX = "syslog.prefix".getBytes(US_ASCII);
    private static final int PREFIX_WORDS_MAX = 4;
    private static final int TAG_BYTES_MAX = 256;

    /** Punctuation that does not occur in a tag, but in messages that have none. */
    private static final String NO_TAG = "\"'<>{}[]=,;|`?!^";

    private static final boolean[] TAG = new boolean[128];
    private static final boolean[] HOST = new boolean[128];

    static {
        for (int c = '!'; c < 127; c++) {
            TAG[c] = NO_TAG.indexOf(c) < 0;
            HOST[c] = Character.isLetterOrDigit(c) || ".-_:/@%[]".indexOf(c) >= 0;
        }
    }

    private final Rfc3164Time time;

    Rfc3164(LocalZone zone) {
        time = new Rfc3164Time(zone);
    }

    /** Whether {@code bytes[from, to)}, behind the PRI, is such an event; else the flyweight holds parts of one. */
    boolean decode(byte[] bytes, int from, int to, LogEvent event) {
        SyslogDecoder.forget(event);
        int start = from;
        int end = time.decode(bytes, start, to, event);
        for (int word = 0; end < 0 && start >= 0 && word < PREFIX_WORDS_MAX; word++) {
            start = prefixWordEnd(bytes, start, to, event);
            end = start < 0 ? -1 : time.decode(bytes, start, to, event);
        }
        if (end < 0) {
            return false;
        }
        if (start > from) {
            event.attributes().key(PREFIX).string(bytes, from, trimmed(bytes, from, start) - from);
        }
        int i = end < to && bytes[end] == ':' ? end + 1 : end;
        content(bytes, StructuredData.spacesEnd(bytes, i, to), to, event);
        return true;
    }

    /** Decodes host and tag; whatever is left is the message. */
    private static void content(byte[] bytes, int from, int to, LogEvent event) {
        int i = tag(bytes, from, to, event);
        if (i < 0 && event.host().isPresent()) {
            i = from;
        }
        if (i < 0) {
            int end = hostEnd(bytes, from, to);
            if (end > from) {
                event.host().set(bytes, from, end - from);
            }
            int next = end > from ? end + 1 : from;
            // "host : %ASA-6-302013: Built ..." as Cisco's firewalls write it.
            next = next + 1 < to && bytes[next] == ':' && bytes[next + 1] == ' ' ? next + 2 : next;
            int behind = tag(bytes, next, to, event);
            i = behind < 0 ? next : behind;
        }
        event.message().set(bytes, i, to - i);
    }

    /** Where the host at {@code from} ends; {@code from} if there is none or nothing behind it. */
    private static int hostEnd(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && bytes[i] > 0 && HOST[bytes[i]]) {
            i++;
        }
        return i < to && bytes[i] == ' ' ? i : from;
    }

    /** Decodes {@code name:}, {@code name[pid]:} or {@code name[pid]} and returns where the message starts, or -1. */
    private static int tag(byte[] bytes, int from, int to, LogEvent event) {
        int limit = Math.min(to, from + TAG_BYTES_MAX);
        int i = from;
        while (i < limit && (bytes[i] < 0 || TAG[bytes[i]])) {
            i++;
        }
        int end = i;
        int behind;
        if (i > from && i < limit && bytes[i] == '[') {
            behind = pidEnd(bytes, i + 1, limit, event);
        } else {
            end = i - 1;
            behind = end > from && bytes[end] == ':' && (i == to || bytes[i] == ' ') ? i : -1;
        }
        if (behind < 0) {
            return -1;
        }
        event.app().set(bytes, from, end - from);
        return behind < to && bytes[behind] == ' ' ? behind + 1 : behind;
    }

    private static int pidEnd(byte[] bytes, int from, int limit, LogEvent event) {
        int i = from;
        while (i < limit && bytes[i] != ']' && bytes[i] != ' ') {
            i++;
        }
        if (i == limit || bytes[i] != ']') {
            return -1;
        }
        int behind = i + 1;
        if (behind < limit && bytes[behind] != ':' && bytes[behind] != ' ') {
            return -1;
        }
        if (i > from) {
            event.procId().set(bytes, from, i - from);
        }
        return behind < limit && bytes[behind] == ':' ? behind + 1 : behind;
    }

    /**
     * Behind one of {@code "*"}, {@code "."}, {@code ":"}, {@code "29: "}, {@code "router1: "}; -1 for anything else.
     */
    private static int prefixWordEnd(byte[] bytes, int from, int to, LogEvent event) {
        if (from < to && (bytes[from] == '*' || bytes[from] == '.')) {
            return from + 1;
        }
        int i = from;
        boolean number = true;
        while (i < to && bytes[i] > 0 && HOST[bytes[i]] && bytes[i] != ':') {
            number &= Ascii.isDigit(bytes[i]);
            i++;
        }
        if (to - i < 2 || bytes[i] != ':' || (i > from && bytes[i + 1] != ' ')) {
            return -1;
        }
        if (!number) {
            event.host().set(bytes, from, i - from);
        }
        return StructuredData.spacesEnd(bytes, i + 1, to);
    }

    private static int trimmed(byte[] bytes, int from, int to) {
        int end = to;
        while (end > from && bytes[end - 1] == ' ') {
            end--;
        }
        return end;
    }
}
