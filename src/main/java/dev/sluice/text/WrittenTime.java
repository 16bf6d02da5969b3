package dev.sluice.text;

import static dev.sluice.text.IsoTime.NO_TIME;
import static dev.sluice.text.TimeParts.LOCAL;
import static dev.sluice.text.TimeParts.NO_YEAR;

import java.time.ZoneOffset;

/**
 * Times as loggers and devices write them: ISO 8601 ({@link IsoTime}), with an offset or the name of a zone also as a
 * word of its own; a date ({@link WrittenDate}) and a clock of 24 or 12 hours, with or without a fraction, the year
 * before or after it, an offset or a zone; numbers since 1970 ({@link EpochTime}).
 *
 * <p>Without a year it is the last one in which the time is at most a week ahead of when the text was read: clocks run
 * ahead at the turn of the year, and old lines are sent late. A 29 February is thus that of the last leap year.
 */
public final class WrittenTime {

    private static final int LENGTH_MIN = 13;
    private static final int DATE_LENGTH = 10;
    private static final int BRACKETS_LENGTH_MAX = 72;
    private static final long AHEAD_MAX_MICROS = 7 * 86_400 * IsoTime.MICROS;

    /** Leap years are at most eight years apart. */
    private static final int YEARS_BACK_MAX = 9;

    private static final LocalZone UTC = LocalZone.of(ZoneOffset.UTC);

    private final LocalZone zone;

    /**
     * Times without an offset are read as of a zone.
     *
     * @param zone where they were written
     */
    public WrittenTime(LocalZone zone) {
        this.zone = zone;
    }

    /**
     * Decodes a time or a number that fills {@code bytes[from, to)} but for blanks around it.
     *
     * @param receivedAtMicros when the text was read, for times without a year
     * @param parts where it may note what it found
     * @return microseconds since the epoch, or {@code NO_TIME}
     */
    public long whole(byte[] bytes, int from, int to, long receivedAtMicros, TimeParts parts) {
        int first = from;
        int last = to;
        while (first < last && isBlank(bytes[first])) {
            first++;
        }
        while (last > first && isBlank(bytes[last - 1])) {
            last--;
        }
        long micros = IsoTime.micros(bytes, first, last, zone);
        micros = micros == NO_TIME ? EpochTime.micros(bytes, first, last) : micros;
        if (micros == NO_TIME) {
            int end = decode(bytes, first, last, receivedAtMicros, parts);
            micros = end == last || (end > 0 && WrittenZone.isAgain(bytes, end, last)) ? parts.micros() : NO_TIME;
        }
        return micros;
    }

    /**
     * Decodes the time that starts at {@code from} and ends at {@code to} or before a blank or colon; numbers are none.
     *
     * @param receivedAtMicros when the text was read, for times without a year
     * @param parts where it notes what it finds
     * @return where it ends, or -1; {@link TimeParts#micros} is the time then
     */
    public int decode(byte[] bytes, int from, int to, long receivedAtMicros, TimeParts parts) {
        if (to - from < LENGTH_MIN) {
            return -1;
        }
        boolean isDate = bytes[from + 4] == '-' && bytes[from + 1] != '-';
        if (Ascii.isDigit(bytes[from]) && (isDate || (bytes[from + 8] == 'T' && Ascii.isDigit(bytes[from + 9])))) {
            return iso(bytes, from, to, parts);
        }
        int date = WrittenDate.weekdayEnd(bytes, from, to);
        if (date > from && to - date >= LENGTH_MIN && bytes[date + 4] == '-') {
            return iso(bytes, date, to, parts); // "Fri 2026-11-27 12:00:00 CET", as systemd writes it
        }
        parts.offsetSeconds = LOCAL;
        parts.place = null;
        int end = clock(bytes, WrittenDate.decode(bytes, from, to, parts), to, parts);
        if (end < 0) {
            return -1;
        }
        end = WrittenZone.decode(bytes, WrittenDate.year(bytes, end, to, parts), to, parts);
        end = WrittenDate.year(bytes, end, to, parts);
        return isEnd(bytes, end, to) && set(receivedAtMicros, parts) ? end : -1;
    }

    /**
     * As {@link #decode} for a time in brackets, with which files of web servers begin; where the bracket ends, or -1.
     */
    public int decodeInBrackets(byte[] bytes, int from, int to, long receivedAtMicros, TimeParts parts) {
        int limit = Math.min(to, from + BRACKETS_LENGTH_MAX);
        if (from >= to || bytes[from] != '[') {
            return -1;
        }
        int close = SwarSearch.either(bytes, from + 1, limit, (byte) ']', (byte) ']');
        boolean isTime = close < limit && decode(bytes, from + 1, close, receivedAtMicros, parts) == close;
        return isTime ? close + 1 : -1;
    }

    /** Sets the time of ISO 8601 at {@code from}; returns where it ends, or -1. */
    private int iso(byte[] bytes, int from, int to, TimeParts parts) {
        int end = wordEnd(bytes, from, to);
        if (end - from == DATE_LENGTH && end < to) {
            end = wordEnd(bytes, end + 1, to);
        }
        if (bytes[end - 1] == ']') {
            return placed(bytes, from, end, parts);
        }
        int mark = bytes[end - 1] == ':' || bytes[end - 1] == ',' ? end - 1 : end;
        long micros = NO_TIME;
        int next = mark;
        if (mark == end && end + 1 < to) {
            int word = WrittenZone.placeEnd(bytes, end + 1, to);
            int seconds = ZoneNames.offsetSeconds(bytes, end + 1, word);
            LocalZone place = seconds == ZoneNames.UNKNOWN ? ZoneRegions.find(bytes, end + 1, word) : UTC;
            if (place != null && IsoTime.micros(bytes, from, end, LocalZone.NONE) == NO_TIME) {
                micros = shifted(IsoTime.micros(bytes, from, end, place), place == UTC ? seconds : 0);
                next = word;
            } else if (WrittenZone.isOffset(bytes, end + 1, word)) {
                micros = IsoTime.micros(bytes, from, word, zone);
                next = word;
            }
        }
        if (micros == NO_TIME) {
            micros = IsoTime.micros(bytes, from, mark, zone);
            next = mark;
        }
        return parts.set(micros) ? next : -1;
    }

    /** Sets {@code 2026-11-27T12:00:00+01:00[Europe/Berlin]}, as Java writes it. */
    private static int placed(byte[] bytes, int from, int end, TimeParts parts) {
        int open = SwarSearch.either(bytes, from, end, (byte) '[', (byte) '[');
        LocalZone place = open == end ? null : ZoneRegions.find(bytes, open + 1, end - 1);
        return parts.set(IsoTime.micros(bytes, from, open, place == null ? LocalZone.NONE : place)) ? end : -1;
    }

    private static long shifted(long micros, int seconds) {
        return micros == NO_TIME ? micros : micros - seconds * IsoTime.MICROS;
    }

    /** Decodes a clock after the character at {@code from} and returns where it ends, or -1. */
    private static int clock(byte[] bytes, int from, int to, TimeParts parts) {
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
        int end = fractionEnd(bytes, minutes + 5, to);
        if ((hour | minute | second | end) < 0 || hour > 23 || minute > 59 || second > 60) {
            return -1;
        }
        parts.fractionMicros = IsoTime.fraction(bytes, minutes + 5, end);
        parts.secondOfDay = hour * 3600 + minute * 60 + second;
        return halfDay(bytes, end, to, parts);
    }

    /** After a fraction, which some switches write with a colon: {@code 22:14:15:003}. */
    private static int fractionEnd(byte[] bytes, int from, int to) {
        boolean colon = to - from > 4
                && bytes[from] == ':'
                && IsoTime.two(bytes, from + 1) >= 0
                && Ascii.isDigit(bytes[from + 3])
                && bytes[from + 4] == ' ';
        return colon ? from + 4 : IsoTime.fractionEnd(bytes, from, to);
    }

    /** Decodes {@code ' PM'} and a fraction after it, if they are there; returns where they end. */
    private static int halfDay(byte[] bytes, int from, int to, TimeParts parts) {
        int i = from < to && bytes[from] == ' ' ? from + 1 : from;
        int hour = parts.secondOfDay / 3600;
        if (to - i < 2 || !isHalf(bytes, i) || hour == 0 || hour > 12) {
            return from;
        }
        int end = IsoTime.fractionEnd(bytes, i + 2, to);
        if (end < 0 || !isEnd(bytes, end, to)) {
            return from;
        }
        parts.fractionMicros = end > i + 2 ? IsoTime.fraction(bytes, i + 2, end) : parts.fractionMicros;
        parts.secondOfDay += (((bytes[i] | 0x20) == 'p' ? 12 : 0) - (hour == 12 ? 12 : 0)) * 3600;
        return end;
    }

    private static boolean isHalf(byte[] bytes, int from) {
        int first = bytes[from] | 0x20;
        return (first == 'a' || first == 'p') && (bytes[from + 1] | 0x20) == 'm';
    }

    private boolean set(long receivedAtMicros, TimeParts parts) {
        if (WrittenDate.isNone(parts.year)) {
            parts.set(NO_TIME);
            return true;
        }
        if (parts.year != NO_YEAR) {
            return parts.set(micros(parts, parts.year));
        }
        long latest = receivedAtMicros + AHEAD_MAX_MICROS;
        long seconds = Math.floorDiv(latest, IsoTime.MICROS);
        int year = IsoTime.yearOf(
                parts.offsetSeconds == LOCAL ? local(parts).localSeconds(seconds) : seconds + parts.offsetSeconds);
        for (int candidate = year; candidate >= year - YEARS_BACK_MAX; candidate--) {
            long micros = micros(parts, candidate);
            if (micros != NO_TIME && micros <= latest) {
                return parts.set(micros);
            }
        }
        return false;
    }

    private long micros(TimeParts parts, int year) {
        long day = IsoTime.epochDay(year, parts.month, parts.day);
        if (day == NO_TIME) {
            return day;
        }
        long local = day * 86_400 + parts.secondOfDay;
        int offset = parts.offsetSeconds == LOCAL ? local(parts).offsetSeconds(local) : parts.offsetSeconds;
        return (local - offset) * IsoTime.MICROS + parts.fractionMicros;
    }

    private LocalZone local(TimeParts parts) {
        return parts.place == null ? zone : parts.place;
    }

    private static boolean isEnd(byte[] bytes, int at, int to) {
        return at == to || isBlank(bytes[at]) || bytes[at] == ':';
    }

    static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    static int wordEnd(byte[] bytes, int from, int to) {
        return SwarSearch.either(bytes, from, to, (byte) ' ', (byte) '\t');
    }

    private static int digit(byte b) {
        return Ascii.isDigit(b) ? b - '0' : -1;
    }
}
