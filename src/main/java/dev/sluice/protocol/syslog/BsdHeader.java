package dev.sluice.protocol.syslog;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.event.LogEvent;
import dev.sluice.text.Ascii;
import dev.sluice.text.LocalZone;
import dev.sluice.text.Slice;
import java.util.Arrays;

/**
 * The header of RFC 3164 from the timestamp on, as devices speak it: {@code TIME [HOST] [TAG[PID]:] MESSAGE}. A line is
 * of this kind if it has a time of one of the known forms ({@link HeaderTime}), or that of a router that knows only how
 * long it has been up; everything after the time is optional.
 *
 * <p>The first word after the time is the tag if it looks like one ({@code logger} leaves the host out on local
 * sockets), else the host. What network equipment puts before the time (see {@link HeaderPrefix}) is kept as the
 * attribute {@code syslog.prefix}.
 */
final class BsdHeader {

    private static final byte[] PREFIX = "syslog.prefix".getBytes(US_ASCII);
    private static final byte[] REPEATED = "last message repeated ".getBytes(US_ASCII);
    private static final byte[] FORWARDED = "Message forwarded from ".getBytes(US_ASCII);

    private final HeaderTime time;
    private final HeaderPrefix prefix;

    BsdHeader(LocalZone zone) {
        time = new HeaderTime(zone);
        prefix = new HeaderPrefix(time);
    }

    /**
     * Whether {@code bytes[from, to)}, after the PRI, is such an event; else the flyweight holds parts of one.
     *
     * @param priority whether there was a PRI; a line without one is read with more doubt
     */
    boolean decode(byte[] bytes, int from, int to, boolean priority, LogEvent event) {
        int end = time.decode(bytes, from, to, event);
        int start = from;
        if (end < 0 && time.isInBrackets(bytes, from, to, event)) {
            event.message().set(bytes, from, to - from);
            return true;
        }
        if (end < 0 && priority) {
            start = prefix.end(bytes, from, to, event);
            end = start < 0 ? HeaderTime.epoch(bytes, from, to, event) : time.decode(bytes, start, to, event);
            start = Math.max(start, from);
            if (end < 0 && start > from) {
                prefix(bytes, from, start, event);
                HeaderTag.decodeCertain(bytes, start, to, event);
                event.message().set(bytes, start, to - start);
                return true;
            }
        }
        if (end < 0) {
            return false;
        }
        if (start > from) {
            prefix(bytes, from, start, event);
        } else if (event.eventAtMicros() == LogEvent.NO_TIME) {
            event.attributes().key(HeaderTime.TEXT).string(bytes, from, end - from);
        }
        end = HeaderZone.end(bytes, end, to, start > from, event);
        int next = colonEnd(bytes, end, to);
        boolean isAfterColon = next > blanksEnd(bytes, end, to); // where equipment goes on with a tag or its message
        boolean doubtful = isAfterColon || (!priority && !isOfSyslog(bytes, from));
        content(bytes, next, to, doubtful, event);
        return true;
    }

    /** Whether the time is written as syslog does, {@code Mmm dd hh:mm:ss}: programs write the others, too. */
    private static boolean isOfSyslog(byte[] bytes, int from) {
        return bytes[from] > '9' && bytes[from + 3] == ' ' && bytes[from + 6] == ' ';
    }

    /** Keeps what the header holds beside the columns. */
    static void prefix(byte[] bytes, int from, int to, LogEvent event) {
        int end = to;
        while (end > from && bytes[end - 1] == ' ') {
            end--;
        }
        event.attributes().key(PREFIX).string(bytes, from, end - from);
    }

    /** After the blanks at {@code from}, and a colon among them. */
    private static int colonEnd(byte[] bytes, int from, int to) {
        int i = blanksEnd(bytes, from, to);
        boolean colon = i < to && bytes[i] == ':' && (i == from || i + 1 == to || isBlank(bytes[i + 1]));
        return colon ? blanksEnd(bytes, i + 1, to) : i;
    }

    /** Decodes host and tag; whatever is left is the message. */
    private void content(byte[] bytes, int from, int to, boolean doubtful, LogEvent event) {
        int i = PriorityWord.facilityEnd(bytes, from, to, event);
        boolean doubt = doubtful && i == from;
        i = i == from ? from : blanksEnd(bytes, i, to);
        i = forwardedEnd(bytes, i, to, event);
        boolean text = starts(bytes, i, to, REPEATED) || starts(bytes, i, to, FORWARDED);
        int start = text ? -1 : hostAndTag(bytes, i, to, doubt, event);
        i = start < 0 ? i : start;
        event.message().set(bytes, i, to - i);
    }

    /** Where the message starts after what there is of host and tag, or -1 if there is neither. */
    private int hostAndTag(byte[] bytes, int from, int to, boolean doubt, LogEvent event) {
        if (event.host().isPresent()) {
            return HeaderTag.decode(bytes, from, to, event);
        }
        int plain = HeaderHost.plainEnd(bytes, from, to);
        if (plain > from) {
            event.host().set(bytes, from, plain - from);
            return afterSureHost(bytes, plain + 1, to, doubt, event);
        }
        int address = doubt ? from : addressEnd(bytes, from, to, event);
        if (address > from) {
            return afterHost(bytes, address, to, event);
        }
        int tag = HeaderTag.decode(bytes, from, to, event);
        if (tag >= 0) {
            return isHostWithColon(bytes, from, tag, to, event) ? hostOfTag(bytes, tag, to, event) : tag;
        }
        int next = HeaderHost.decode(bytes, from, to, event);
        return next == from ? -1 : afterSureHost(bytes, next, to, doubt, event);
    }

    /** Sets the host of {@code 192.0.2.1: }, which has no letter and is no tag; returns where what follows starts. */
    private static int addressEnd(byte[] bytes, int from, int to, LogEvent event) {
        if (from >= to || bytes[from] > '9') {
            return from;
        }
        int end = HeaderHost.wordEnd(bytes, from, to);
        if (end == to || bytes[end - 1] != ':' || !HeaderHost.isAddressV4(bytes, from, end - 1)) {
            return from;
        }
        event.host().set(bytes, from, end - 1 - from);
        return blanksEnd(bytes, end, to);
    }

    /** Decodes {@code HOST: } of a relay, which stands before the content; {@code from} where it names none. */
    private static int forwardedEnd(byte[] bytes, int from, int to, LogEvent event) {
        int host = from + FORWARDED.length;
        if (!starts(bytes, from, to, FORWARDED)) {
            return from;
        }
        int end = HeaderHost.wordEnd(bytes, host, to);
        if (end == host || bytes[end - 1] != ':' || !HeaderHost.isHost(bytes, host, end - 1)) {
            return from;
        }
        event.host().set(bytes, host, end - 1 - host);
        return blanksEnd(bytes, end, to);
    }

    /** As {@link #afterHost}; -1 if what follows the host says that it is none. */
    private int afterSureHost(byte[] bytes, int from, int to, boolean doubtful, LogEvent event) {
        if (isMarked(bytes, from, to) && !isCertain(event.host())) {
            event.host().clear();
            return -1;
        }
        int start = afterHost(bytes, from, to, event);
        boolean sure = event.procId().isPresent() || (event.app().isPresent() && HeaderHost.isSpecial(event.host()));
        if (doubtful && !sure) {
            event.host().clear();
            HeaderTag.forget(event);
            return -1;
        }
        return start;
    }

    /**
     * Whether the tag without a process that was decoded at {@code from} is a host all the same: an address, or before
     * a tag of Cisco's, or written twice.
     */
    private static boolean isHostWithColon(byte[] bytes, int from, int tag, int to, LogEvent event) {
        Slice app = event.app();
        if (event.procId().isPresent() || app.offset() != from || bytes[from] == '%') {
            return false;
        }
        boolean cisco = tag + 1 < to && bytes[tag] == '%' && bytes[tag + 1] >= 'A' && bytes[tag + 1] <= 'Z';
        boolean twice = isAgain(bytes, tag, to, app);
        return cisco || twice || HeaderHost.isIpv6(bytes, from, from + app.length() + 1);
    }

    private static boolean isAgain(byte[] bytes, int at, int to, Slice word) {
        int end = at + word.length();
        return end < to
                && bytes[end] == ':'
                && Arrays.equals(bytes, at, end, word.array(), word.offset(), word.offset() + word.length());
    }

    private int hostOfTag(byte[] bytes, int tag, int to, LogEvent event) {
        Slice host = event.app();
        int next = isAgain(bytes, tag, to, host) ? blanksEnd(bytes, tag + host.length() + 1, to) : tag;
        int end = host.offset() + host.length();
        int colon = host.array()[end - 1] == ':' ? 1 : 0; // "2001:db8::" ends with both of its colons
        event.host().set(host.array(), host.offset(), host.length() + colon);
        HeaderTag.forget(event);
        return afterHost(bytes, next, to, event);
    }

    /** Whether it is a name as only hosts have them: {@code nas-01}, but not the {@code 0-PPE-0} of a Citrix. */
    private static boolean isCertain(Slice host) {
        return HeaderHost.isSpecial(host) && Ascii.isLetter(host.array()[host.offset()]);
    }

    /**
     * Whether a colon among blanks comes at {@code from}, as after a word of a text: firewalls put one after their
     * name.
     */
    private static boolean isMarked(byte[] bytes, int from, int to) {
        boolean colon = from + 2 < to && bytes[from] == ':' && bytes[from + 1] == ' ';
        return colon && bytes[blanksEnd(bytes, from + 1, to - 1)] != '%';
    }

    /** Decodes what may stand between the host and the message; returns where the message starts. */
    private int afterHost(byte[] bytes, int from, int to, LogEvent event) {
        // "host : %ASA-6-302013: Built ..." as Cisco's firewalls write it.
        int next = from + 1 < to && bytes[from] == ':' && bytes[from + 1] == ' ' ? from + 2 : from;
        int again = HeaderNotes.againEnd(bytes, next, to, event);
        int i = HeaderNotes.end(bytes, blanksEnd(bytes, again, to), to, event);
        int word = HeaderTag.decode(bytes, i, to, event);
        if (word < 0) {
            int level = PriorityWord.end(bytes, i, to);
            word = level == i ? -1 : HeaderTag.decode(bytes, blanksEnd(bytes, level, to), to, event);
            if (word >= 0) {
                PriorityWord.set(bytes, i, level, event);
            }
        }
        if (word >= 0) {
            return word;
        }
        // Without a colon and a tag the name is a word of the message: "web-1 is down".
        boolean marked = again > next && bytes[next + event.host().length()] == ':';
        return relayed(bytes, i, marked ? again : next, to, event);
    }

    /** Decodes the prefix, the time and the tag of a router whose line a relay sent on; the relay's time stays. */
    private int relayed(byte[] bytes, int from, int message, int to, LogEvent event) {
        int word = from;
        while (word < to && bytes[word] >= '0' && bytes[word] <= '9') {
            word++;
        }
        boolean isNumbered = word > from && word + 1 < to && bytes[word] == ':' && bytes[word + 1] == ' ';
        boolean isMarked = from < to && bytes[from] == '*';
        if (!(isNumbered || isMarked) || !event.attributes().isEmpty()) {
            return message;
        }
        long micros = event.eventAtMicros();
        int start = prefix.end(bytes, from, to, event);
        int end = start < 0 ? -1 : time.decode(bytes, start, to, event);
        event.eventAtMicros(micros);
        int tag = end < 0
                ? -1
                : HeaderTag.decode(bytes, colonEnd(bytes, HeaderZone.end(bytes, end, to, true, event), to), to, event);
        if (tag < 0) {
            return message;
        }
        prefix(bytes, from, end, event);
        return tag;
    }

    private static boolean starts(byte[] bytes, int from, int to, byte[] text) {
        return to - from > text.length && Arrays.equals(bytes, from, from + text.length, text, 0, text.length);
    }

    static int blanksEnd(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && isBlank(bytes[i])) {
            i++;
        }
        return i;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }
}
