package dev.sluice.protocol.syslog;

import dev.sluice.event.LogEvent;
import dev.sluice.text.Ascii;
import dev.sluice.text.Slice;
import java.util.Arrays;

/**
 * What devices write between their name and the tag: the name once more, the time in UTC
 * ({@code (2026-11-20T11:29:36)}, also after a serial number), an address in angle brackets, the number of the event
 * ({@code 00076 ports:}). It is passed over only if a tag follows, and kept as the attribute {@code syslog.prefix}.
 */
final class HeaderNotes {

    private static final int BYTES_MAX = 64;
    private static final int NUMBER_LENGTH = 5;

    private HeaderNotes() {}

    /** After such a note at {@code from}, before which the host was found; {@code from} if there is none. */
    static int end(byte[] bytes, int from, int to, LogEvent event) {
        int end = from < to ? noteEnd(bytes, from, to) : from;
        if (end == from || end == to) {
            return from;
        }
        int tag = BsdHeader.blanksEnd(bytes, end, to);
        if (tag == end || HeaderTag.decode(bytes, tag, to, event) < 0) {
            return from;
        }
        if (event.attributes().isEmpty()) {
            BsdHeader.prefix(bytes, from, end, event);
            return tag;
        }
        HeaderTag.forget(event);
        return from;
    }

    /** After the host when it is there once more, with a colon or not; it says nothing new. */
    static int againEnd(byte[] bytes, int from, int to, LogEvent event) {
        Slice host = event.host();
        int end = from + host.length();
        if (end == from || end + 1 >= to) {
            return from;
        }
        int next = bytes[end] == ':' ? end + 1 : end;
        int hostEnd = host.offset() + host.length();
        boolean again = bytes[next] == ' ' && Arrays.equals(bytes, from, end, host.array(), host.offset(), hostEnd);
        return again ? BsdHeader.blanksEnd(bytes, next, to) : from;
    }

    private static int noteEnd(byte[] bytes, int from, int to) {
        if (bytes[from] == '(' || bytes[from] == '<') {
            return groupEnd(bytes, from, to);
        }
        if (!isOfSerial(bytes[from])) {
            return from; // as nearly every tag
        }
        int word = HeaderHost.wordEnd(bytes, from, Math.min(to, from + BYTES_MAX));
        if (isNumberOfEvent(bytes, from, word)) {
            return word;
        }
        boolean group = word + 2 < to && bytes[word] == ' ' && bytes[word + 1] == '(' && Ascii.isDigit(bytes[word + 2]);
        int end = group && isSerial(bytes, from, word) ? groupEnd(bytes, word + 1, to) : from;
        return end > word + 1 ? end : from;
    }

    private static int groupEnd(byte[] bytes, int from, int to) {
        byte close = (byte) (bytes[from] == '(' ? ')' : '>');
        int limit = Math.min(to, from + BYTES_MAX);
        boolean colon = false;
        int i = from;
        while (i < limit && bytes[i] != close) {
            colon |= bytes[i] == ':';
            i++;
        }
        return i < limit && colon ? i + 1 : from;
    }

    private static boolean isNumberOfEvent(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && Ascii.isDigit(bytes[i])) {
            i++;
        }
        return i == to && to - from == NUMBER_LENGTH && bytes[from] == '0';
    }

    private static boolean isSerial(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && isOfSerial(bytes[i])) {
            i++;
        }
        return i == to;
    }

    private static boolean isOfSerial(byte b) {
        return Ascii.isDigit(b) || (b >= 'A' && b <= 'Z');
    }
}
