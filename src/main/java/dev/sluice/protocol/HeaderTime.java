package dev.sluice.protocol;

import static dev.sluice.protocol.HeaderDate.DAY;
import static dev.sluice.protocol.HeaderDate.MONTH;
import static dev.sluice.protocol.HeaderDate.NO_YEAR;
import static dev.sluice.protocol.HeaderDate.YEAR;

import dev.sluice.event.LogEvent;
import dev.sluice.text.Ascii;
import dev.sluice.text.EpochTime;
import dev.sluice.text.IsoTime;
import dev.sluice.text.LocalZone;
import dev.sluice.text.SwarSearch;
import dev.sluice.text.ZoneNames;
import java.time.ZoneOffset;

/**
 * The times in syslog headers that are not those of RFC 5424: a date ({@link HeaderDate}) and a clock of 24 or 12 hours
 * with or without a fraction, the year before or after it, an offset or the name of a zone; ISO 8601 with an offset
 * that may be a word of its own; seconds since 1970.
 *
 * <p>Without a year it is the last one in which the time is at most a week ahead of when the line was read: clocks run
 * ahead at the turn of the year, and old lines are sent late. A 29 February is thus that of the last leap year.
 */
final class HeaderTime {

    private static final int LENGTH_MIN = 13;
    private static final int EPOCH_SECONDS_LENGTH = 10;
    private static final int EPOCH_MILLIS_LENGTH = 13;
    private static final int DATE_LENGTH = 10;
    private static final long AHEAD_MAX_MICROS = 7 * 86_400 * IsoTime.MICROS;

    /** Leap years are at most eight years apart. */
    private static final int YEARS_BACK_MAX = 9;

    // Places in the event's marks, after those of the date.
    private static final int CLOCK = 3;
    private static final int FRACTION = 4;
    private static final int OFFSET = 5;

    private static final int LOCAL = Integer.MAX_VALUE;
    private static final LocalZone UTC = LocalZone.of(ZoneOffset.UTC);

    private final LocalZone zone;

    HeaderTime(LocalZone zone) {
        this.zone = zone;
    }

    /** Sets the time that starts at {@code from} and returns where it ends, or -1. */
    int decode(byte[] bytes, int from, int to, LogEvent event) {
        if (to - from < LENGTH_MIN) {
            return -1;
        }
        if (Ascii.isDigit(bytes[from]) && bytes[from + 4] == '-') {
            return iso(bytes, from, to, event);
        }
        int[] marks = event.marks();
        marks[OFFSET] = LOCAL;
        int end = clock(bytes, HeaderDate.decode(bytes, from, to, marks), to, marks);
        if (end < 0) {
            return -1;
        }
        end = zone(bytes, HeaderDate.year(bytes, end, to, marks), to, marks);
        end = HeaderDate.year(bytes, end, to, marks);
        return isEnd(bytes, end, to) && set(event) ? end : -1;
    }

    /** Sets the time that the word at {@code from} is, in seconds or milliseconds since 1970; its end, or -1. */
    static int epoch(byte[] bytes, int from, int to, LogEvent event) {
        int whole = digitsEnd(bytes, from, to);
        if (whole - from != EPOCH_SECONDS_LENGTH && whole - from != EPOCH_MILLIS_LENGTH) {
            return -1;
        }
        int end = whole < to && bytes[whole] == '.' ? digitsEnd(bytes, whole + 1, to) : whole;
        long micros = end < to && isBlank(bytes[end]) ? EpochTime.micros(bytes, from, end) : LogEvent.NO_TIME;
        if (micros == LogEvent.NO_TIME) {
            return -1;
        }
        event.eventAtMicros(micros);
        return end;
    }

    /** Sets the time of ISO 8601 at {@code from}; returns where it ends, or -1. */
    private int iso(byte[] bytes, int from, int to, LogEvent event) {
        int end = wordEnd(bytes, from, to);
        if (end - from == DATE_LENGTH && end < to) {
            end = wordEnd(bytes, end + 1, to);
        }
        int mark = bytes[end - 1] == ':' || bytes[end - 1] == ',' ? end - 1 : end;
        long micros = LogEvent.NO_TIME;
        int next = mark;
        if (mark == end && end + 1 < to) {
            int word = wordEnd(bytes, end + 1, to);
            word = bytes[word - 1] == ':' ? word - 1 : word;
            int seconds = ZoneNames.offsetSeconds(bytes, end + 1, word);
            if (seconds != ZoneNames.UNKNOWN) {
                micros = shifted(IsoTime.micros(bytes, from, end, UTC), seconds);
                next = word;
            } else if (isOffset(bytes, end + 1, word)) {
                micros = IsoTime.micros(bytes, from, word, zone);
                next = word;
            }
        }
        if (micros == LogEvent.NO_TIME) {
            micros = IsoTime.micros(bytes, from, mark, zone);
            next = mark;
        }
        event.eventAtMicros(micros);
        return micros == LogEvent.NO_TIME ? -1 : next;
    }

    private static long shifted(long micros, int seconds) {
        return micros == LogEvent.NO_TIME ? micros : micros - seconds * IsoTime.MICROS;
    }

    /** Decodes a clock after the character at {@code from} and returns where it ends, or -1. */
    private static int clock(byte[] bytes, int from, int to, int[] marks) {
        int start = from + 1;
        if (from < 0 || to - start < 7) {
            return -1;
        }
        int minutes = bytes[start + 1] == ':' ? start + 2 : start + 3;
        if (to - minutes < 5 || bytes[minutes - 1] != ':' || bytes[minutes + 2] != ':') {
            return -1;
        }
        int hour = minutes == start + 2 ? digit(bytes[start]) : IsoTime.two(bytes, start);
        int minute = IsoTime.two(bytes, minutes);
        int second = IsoTime.two(bytes, minutes + 3);
        int end = IsoTime.fractionEnd(bytes, minutes + 5, to);
        if ((hour | minute | second | end) < 0 || hour > 23 || minute > 59 || second > 60) {
            return -1;
        }
        marks[FRACTION] = IsoTime.fraction(bytes, minutes + 5, end);
        marks[CLOCK] = hour * 3600 + minute * 60 + second;
        return halfDay(bytes, end, to, marks);
    }

    /** Decodes {@code ' PM'} and a fraction after it, if they are there; returns where they end. */
    private static int halfDay(byte[] bytes, int from, int to, int[] marks) {
        int i = from < to && bytes[from] == ' ' ? from + 1 : from;
        int hour = marks[CLOCK] / 3600;
        if (to - i < 2 || (bytes[i] != 'A' && bytes[i] != 'P') || bytes[i + 1] != 'M' || hour == 0 || hour > 12) {
            return from;
        }
        int end = IsoTime.fractionEnd(bytes, i + 2, to);
        if (end < 0 || !isEnd(bytes, end, to)) {
            return from;
        }
        marks[FRACTION] = end > i + 2 ? IsoTime.fraction(bytes, i + 2, end) : marks[FRACTION];
        marks[CLOCK] += ((bytes[i] == 'P' ? 12 : 0) - (hour == 12 ? 12 : 0)) * 3600;
        return end;
    }

    /** Decodes an offset or the name of a zone, with a blank before it or none; returns where it ends. */
    private static int zone(byte[] bytes, int from, int to, int[] marks) {
        int i = from < to && bytes[from] == ' ' ? from + 1 : from;
        int end = i;
        while (end < to && !isBlank(bytes[end]) && (bytes[end] != ':' || isOffsetColon(bytes, end, to))) {
            end++;
        }
        int seconds = ZoneNames.UNKNOWN;
        if (isOffset(bytes, i, end)) {
            seconds = (bytes[i] == '-' ? -1 : 1) * offset(bytes, i + 1, end);
        } else if (end > i && bytes[i] >= 'A' && bytes[i] <= 'Z') {
            seconds = ZoneNames.offsetSeconds(bytes, i, end);
        }
        if (seconds == ZoneNames.UNKNOWN) {
            return from;
        }
        marks[OFFSET] = seconds;
        return end;
    }

    /** Whether {@code bytes[from, to)} is {@code +hh:mm}, {@code +hhmm}, or {@code +hh} before a colon. */
    private static boolean isOffset(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length < 3 || length > 6 || (bytes[from] != '+' && bytes[from] != '-')) {
            return false;
        }
        boolean colon = length == 6 && bytes[from + 3] == ':';
        if ((length == 6 && !colon) || length == 4) {
            return false;
        }
        boolean digits = IsoTime.two(bytes, from + 1) >= 0 && (length == 3 || IsoTime.two(bytes, to - 2) >= 0);
        return digits && (length > 3 || (to < bytes.length && bytes[to] == ':'));
    }

    private static boolean isOffsetColon(byte[] bytes, int at, int to) {
        return at + 2 < to
                && Ascii.isDigit(bytes[at - 1])
                && Ascii.isDigit(bytes[at + 1])
                && Ascii.isDigit(bytes[at + 2]);
    }

    private static int offset(byte[] bytes, int from, int to) {
        return IsoTime.two(bytes, from) * 3600 + (to - from == 2 ? 0 : IsoTime.two(bytes, to - 2) * 60);
    }

    private boolean set(LogEvent event) {
        int[] marks = event.marks();
        if (marks[YEAR] != NO_YEAR) {
            event.eventAtMicros(micros(marks, marks[YEAR]));
            return event.eventAtMicros() != LogEvent.NO_TIME;
        }
        long latest = event.receivedAtMicros() + AHEAD_MAX_MICROS;
        int year = IsoTime.yearOf(zone.localSeconds(Math.floorDiv(latest, IsoTime.MICROS))) + 1;
        for (int candidate = year; candidate >= year - YEARS_BACK_MAX; candidate--) {
            long micros = micros(marks, candidate);
            if (micros != LogEvent.NO_TIME && micros <= latest) {
                event.eventAtMicros(micros);
                return true;
            }
        }
        return false;
    }

    private long micros(int[] marks, int year) {
        long day = IsoTime.epochDay(year, marks[MONTH], marks[DAY]);
        if (day == LogEvent.NO_TIME) {
            return day;
        }
        long local = day * 86_400 + marks[CLOCK];
        int offset = marks[OFFSET] == LOCAL ? zone.offsetSeconds(local) : marks[OFFSET];
        return (local - offset) * IsoTime.MICROS + marks[FRACTION];
    }

    private static boolean isEnd(byte[] bytes, int at, int to) {
        return at == to || isBlank(bytes[at]) || bytes[at] == ':';
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private static int wordEnd(byte[] bytes, int from, int to) {
        return SwarSearch.either(bytes, from, to, (byte) ' ', (byte) '\t');
    }

    private static int digitsEnd(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && Ascii.isDigit(bytes[i])) {
            i++;
        }
        return i;
    }

    private static int digit(byte b) {
        return Ascii.isDigit(b) ? b - '0' : -1;
    }
}
