package dev.sluice.protocol;

import dev.sluice.event.LogEvent;
import dev.sluice.text.Ascii;
import dev.sluice.text.AsciiNameTable;
import dev.sluice.text.IsoTime;
import dev.sluice.text.LocalZone;
import dev.sluice.text.SwarSearch;

/**
 * The times that stand in RFC 3164 headers: {@code Oct 11 22:14:15}, the same with a fraction, with a year before the
 * month, before or behind the clock, with the name of a zone, and ISO 8601 as rsyslog sends it. Without a year it is
 * the last one in which the time is at most a week ahead of when the line was read: clocks run ahead at the turn of the
 * year, and old lines are sent late. A 29 February is thus that of the last leap year.
 */
final class Rfc3164Time {

    private static final int YEAR_MIN = 1970;
    private static final int YEAR_MAX = 2199;
    private static final int NO_YEAR = -1;
    private static final long AHEAD_MAX_MICROS = 7 * 86_400 * IsoTime.MICROS;

    /** Leap years are at most eight years apart. */
    private static final int YEARS_BACK_MAX = 9;

    // Places in the event's marks.
    private static final int MONTH = 0;
    private static final int DAY = 1;
    private static final int YEAR = 2;
    private static final int CLOCK = 3;
    private static final int FRACTION = 4;
    private static final int OFFSET = 5;

    private static final int LOCAL = Integer.MAX_VALUE;
    private static final String MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec";

    /** Names of zones with one meaning that is wide-spread in logs, and their hours ahead of UTC. */
    private static final AsciiNameTable<Integer> ZONES = AsciiNameTable.of(
            "utc", 0, "gmt", 0, "est", -5, "edt", -4, "cst", -6, "cdt", -5, "mst", -7, "mdt", -6, "pst", -8, "pdt", -7,
            "wet", 0, "west", 1, "cet", 1, "cest", 2, "met", 1, "mest", 2, "eet", 2, "eest", 3, "msk", 3, "jst", 9);

    private final LocalZone zone;

    Rfc3164Time(LocalZone zone) {
        this.zone = zone;
    }

    /** Sets the time that starts at {@code from} and returns where it ends, or -1. */
    int decode(byte[] bytes, int from, int to, LogEvent event) {
        if (to - from < 14) {
            return -1;
        }
        if (Ascii.isDigit(bytes[from]) && bytes[from + 4] == '-') {
            return iso(bytes, from, to, event);
        }
        int[] marks = event.marks();
        marks[OFFSET] = LOCAL;
        marks[YEAR] = NO_YEAR;
        int month = year(bytes, from, to, marks);
        int day = month > from ? month + 1 : from;
        int clock = yearBehind(bytes, monthAndDay(bytes, day, to, marks), to, marks);
        int end = clock(bytes, clock, to, marks);
        if (end < 0) {
            return -1;
        }
        end = zoneBehind(bytes, yearBehind(bytes, end, to, marks), to, marks);
        end = yearBehind(bytes, end, to, marks);
        return set(event) ? end : -1;
    }

    private int iso(byte[] bytes, int from, int to, LogEvent event) {
        int end = SwarSearch.space(bytes, from, to);
        if (end - from == 10 && end < to) {
            end = SwarSearch.space(bytes, end + 1, to);
        }
        int colon = bytes[end - 1] == ':' ? end - 1 : end;
        long micros = IsoTime.micros(bytes, from, colon, zone);
        event.eventAtMicros(micros);
        return micros == LogEvent.NO_TIME ? -1 : colon;
    }

    /** Decodes {@code Mmm dd} (a day below ten may be padded with a space or not) and returns where it ends, or -1. */
    private static int monthAndDay(byte[] bytes, int from, int to, int[] marks) {
        if (to - from < 10 || bytes[from + 3] != ' ') {
            return -1;
        }
        marks[MONTH] = month(bytes, from);
        int i = bytes[from + 4] == ' ' ? from + 5 : from + 4;
        int end = i;
        int day = 0;
        while (end < i + 2 && Ascii.isDigit(bytes[end])) {
            day = day * 10 + bytes[end] - '0';
            end++;
        }
        marks[DAY] = day;
        return marks[MONTH] == 0 || end == i || bytes[end] != ' ' ? -1 : end;
    }

    private static int month(byte[] bytes, int from) {
        for (int i = 0; i < MONTHS.length(); i += 3) {
            if ((bytes[from] | 0x20) == MONTHS.charAt(i)
                    && (bytes[from + 1] | 0x20) == MONTHS.charAt(i + 1)
                    && (bytes[from + 2] | 0x20) == MONTHS.charAt(i + 2)) {
                return i / 3 + 1;
            }
        }
        return 0;
    }

    /** Decodes {@code ' hh:mm:ss.fraction'} and returns where it ends, or -1. */
    private static int clock(byte[] bytes, int from, int to, int[] marks) {
        int start = from + 1;
        if (from < 0 || to - start < 8 || IsoTime.clockEnd(bytes, start, to) != start + 8) {
            return -1;
        }
        marks[CLOCK] = IsoTime.clock(bytes, start, to);
        int end = IsoTime.fractionEnd(bytes, start + 8, to);
        marks[FRACTION] = IsoTime.fraction(bytes, start + 8, end);
        boolean ends = end == to || (end > 0 && (bytes[end] == ' ' || bytes[end] == ':'));
        return marks[CLOCK] < 0 || !ends ? -1 : end;
    }

    /** Decodes {@code ' yyyy'} if it is there and none is known, and returns where it ends. */
    private static int yearBehind(byte[] bytes, int from, int to, int[] marks) {
        if (from < 0 || from >= to || bytes[from] != ' ' || marks[YEAR] != NO_YEAR) {
            return from;
        }
        int end = year(bytes, from + 1, to, marks);
        return end == from + 1 ? from : end;
    }

    private static int year(byte[] bytes, int from, int to, int[] marks) {
        if (to - from < 5 || (bytes[from + 4] != ' ' && bytes[from + 4] != ':')) {
            return from;
        }
        int year = IsoTime.four(bytes, from);
        if (year < YEAR_MIN || year > YEAR_MAX) {
            return from;
        }
        marks[YEAR] = year;
        return from + 4;
    }

    private static int zoneBehind(byte[] bytes, int from, int to, int[] marks) {
        if (from >= to || bytes[from] != ' ') {
            return from;
        }
        int end = from + 1;
        while (end < to && bytes[end] >= 'A' && bytes[end] <= 'Z') {
            end++;
        }
        Integer hours = end < to && (bytes[end] == ' ' || bytes[end] == ':') ? ZONES.find(bytes, from + 1, end) : null;
        if (hours == null) {
            return from;
        }
        marks[OFFSET] = hours * 3600;
        return end;
    }

    private boolean set(LogEvent event) {
        int[] marks = event.marks();
        if (marks[YEAR] != NO_YEAR) {
            event.eventAtMicros(micros(marks, marks[YEAR]));
            return event.eventAtMicros() != LogEvent.NO_TIME;
        }
        long latest = event.receivedAtMicros() + AHEAD_MAX_MICROS;
        int year = yearOf(zone.localSeconds(Math.floorDiv(latest, IsoTime.MICROS))) + 1;
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

    /** The year of a day, as {@link IsoTime#epochDay} reversed, since a {@code LocalDate} would be garbage. */
    private static int yearOf(long localSeconds) {
        long day = Math.floorDiv(localSeconds, 86_400L) + 719_468;
        long era = Math.floorDiv(day, 146_097L);
        long dayOfEra = day - era * 146_097;
        long yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        boolean newYear = (5 * dayOfYear + 2) / 153 >= 10;
        return (int) (yearOfEra + era * 400) + (newYear ? 1 : 0);
    }
}
