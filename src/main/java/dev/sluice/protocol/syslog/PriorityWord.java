package dev.sluice.protocol.syslog;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.event.LogEvent;
import dev.sluice.text.Ascii;
import dev.sluice.text.Facilities;
import dev.sluice.text.Levels;

/**
 * Severity, or facility and severity, as a word of its own in a header: {@code notice}, {@code auth.info},
 * {@code Local7.Info}, {@code auth|security:info}, each also in angle brackets. It counts where there is no PRI; where
 * PRI says something else it is kept as the attribute {@code syslog.priority}.
 */
final class PriorityWord {

    private static final byte[] PRIORITY = "syslog.priority".getBytes(US_ASCII);

    private PriorityWord() {}

    /** After such a word with a facility at {@code from}; {@code from} if there is none. */
    static int facilityEnd(byte[] bytes, int from, int to, LogEvent event) {
        int i = from < to && bytes[from] == '<' ? from + 1 : from;
        // Most words are hosts, which leave this loop at their first hyphen or blank.
        while (i < to && (Ascii.isLetter(bytes[i]) || Ascii.isDigit(bytes[i]) || bytes[i] == '|')) {
            i++;
        }
        int end = i < to && (bytes[i] == '.' || bytes[i] == ':') ? end(bytes, from, to) : from;
        if (end > from) {
            set(bytes, from, end, event);
        }
        return end;
    }

    /** After such a word at {@code from}; {@code from} if there is none. */
    static int end(byte[] bytes, int from, int to) {
        int end = HeaderHost.wordEnd(bytes, from, to);
        if (end == to || end - from < 3) {
            return from;
        }
        int first = first(bytes, from, end);
        int last = first > from ? end - 1 : end;
        int divider = divider(bytes, first, last);
        boolean named = Levels.ofWord(bytes, divider + 1, last) >= 0
                && (divider < first || facility(bytes, first, divider) >= 0);
        return named ? end : from;
    }

    /** Takes what the word that fills {@code bytes[from, end)} says if there was no PRI; keeps it if PRI says else. */
    static void set(byte[] bytes, int from, int end, LogEvent event) {
        int first = first(bytes, from, end);
        int last = first > from ? end - 1 : end;
        int divider = divider(bytes, first, last);
        int severity = Levels.ofWord(bytes, divider + 1, last);
        int facility = divider < first ? LogEvent.UNKNOWN : facility(bytes, first, divider);
        if (event.severity() == LogEvent.UNKNOWN) {
            event.severity(severity);
            event.facility(facility);
        } else if (severity != event.severity() || (facility != LogEvent.UNKNOWN && facility != event.facility())) {
            event.attributes().key(PRIORITY).string(bytes, first, last - first);
        }
    }

    private static int first(byte[] bytes, int from, int end) {
        return bytes[from] == '<' && bytes[end - 1] == '>' ? from + 1 : from;
    }

    /** Where the point or colon between facility and severity is, before {@code first} if there is none. */
    private static int divider(byte[] bytes, int first, int last) {
        int divider = last - 1;
        while (divider >= first && bytes[divider] != '.' && bytes[divider] != ':') {
            divider--;
        }
        return divider;
    }

    /** The facility by its name, of which some systems write two: {@code auth|security}. */
    private static int facility(byte[] bytes, int from, int to) {
        int end = from;
        while (end < to && bytes[end] != '|') {
            end++;
        }
        return end > from && Ascii.isLetter(bytes[from]) ? Facilities.of(bytes, from, end) : LogEvent.UNKNOWN;
    }
}
