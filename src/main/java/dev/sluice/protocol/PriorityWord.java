package dev.sluice.protocol;

import dev.sluice.event.LogEvent;
import dev.sluice.text.Ascii;
import dev.sluice.text.Facilities;
import dev.sluice.text.Levels;

/**
 * Severity, or facility and severity, as a word of its own in a header: {@code notice}, {@code auth.info},
 * {@code Local7.Info}, {@code auth|security:info}, each also in angle brackets. It says what PRI says, and counts where
 * there is no PRI.
 */
final class PriorityWord {

    private PriorityWord() {}

    /** After such a word with a facility at {@code from}; {@code from} if there is none. */
    static int facilityEnd(byte[] bytes, int from, int to, LogEvent event) {
        int i = from < to && bytes[from] == '<' ? from + 1 : from;
        // Most words are hosts, which leave this loop at their first hyphen or blank.
        while (i < to && (Ascii.isLetter(bytes[i]) || Ascii.isDigit(bytes[i]) || bytes[i] == '|')) {
            i++;
        }
        return i < to && (bytes[i] == '.' || bytes[i] == ':') ? end(bytes, from, to, event) : from;
    }

    /** After such a word at {@code from}; {@code from} if there is none. */
    static int end(byte[] bytes, int from, int to, LogEvent event) {
        int end = HeaderHost.wordEnd(bytes, from, to);
        if (end == to || end - from < 3) {
            return from;
        }
        boolean angled = bytes[from] == '<' && bytes[end - 1] == '>';
        int first = angled ? from + 1 : from;
        int last = angled ? end - 1 : end;
        int divider = last - 1;
        while (divider > first && bytes[divider] != '.' && bytes[divider] != ':') {
            divider--;
        }
        boolean alone = divider <= first;
        int severity = Levels.severity(bytes, alone ? first : divider + 1, last, Levels.Scale.COMMON);
        int facility = alone ? LogEvent.UNKNOWN : facility(bytes, first, divider);
        if (severity < 0 || (!alone && facility < 0)) {
            return from;
        }
        if (event.severity() == LogEvent.UNKNOWN) {
            event.severity(severity & 7);
            event.facility(facility);
        }
        return end;
    }

    /** The facility, of which some systems write two names: {@code auth|security}. */
    private static int facility(byte[] bytes, int from, int to) {
        int end = from;
        while (end < to && bytes[end] != '|') {
            end++;
        }
        return Facilities.of(bytes, from, end);
    }
}
