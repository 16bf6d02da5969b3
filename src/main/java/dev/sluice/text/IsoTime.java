package dev.sluice.text;

/**
 * Times as ISO 8601, RFC 3339 and their users write them: {@code 2003-10-11T22:14:15.003-07:00}, a space for the T, a
 * comma for the point, seconds and offset left out, an offset without a colon. Digits beyond microseconds are cut off;
 * second 60 is the first of the next minute, as PostgreSQL takes it.
 */
public final class IsoTime {

    /** What is returned for text that is no time. */
    public static final long NO_TIME = Long.MIN_VALUE;

    /** Microseconds a second. */
    public static final long MICROS = 1_000_000L;

    private static final int SECONDS_PER_DAY = 86_400;
    private static final int DATE_LENGTH = 10;
    private static final int MINUTES_LENGTH = 16;
    private static final int BASIC_DATE_LENGTH = 8;
    private static final int BASIC_LENGTH = 15;
    private static final int COMPACT_LENGTH = 14;
    private static final int COMPACT_MILLIS_LENGTH = 17;
    private static final int COMPACT_YEAR_MIN = 1970;
    private static final int COMPACT_YEAR_MAX = 2199;
    private static final int BAD = Integer.MIN_VALUE;

    private IsoTime() {}

    /**
     * Decodes a time that fills {@code bytes[from, to)}.
     *
     * @param zone where a time without an offset was written
     * @return microseconds since the epoch, or {@code NO_TIME}
     */
    public static long micros(byte[] bytes, int from, int to, LocalZone zone) {
        if (to - from >= BASIC_LENGTH && bytes[from + BASIC_DATE_LENGTH] == 'T') {
            return basic(bytes, from, from + BASIC_DATE_LENGTH + 1, to, zone);
        }
        if (isCompact(bytes, from, to)) {
            return basic(bytes, from, from + BASIC_DATE_LENGTH, to, zone);
        }
        if (to - from < MINUTES_LENGTH || !isSeparator(bytes[from + DATE_LENGTH])) {
            return NO_TIME;
        }
        long day = epochDay(bytes, from);
        int second = clock(bytes, from + DATE_LENGTH + 1, to);
        if (day == NO_TIME || second == BAD) {
            return NO_TIME;
        }
        int i = clockEnd(bytes, from + DATE_LENGTH + 1, to);
        int fractionEnd = fractionEnd(bytes, i, to);
        long local = day * SECONDS_PER_DAY + second;
        int offset = fractionEnd < 0 ? BAD : offset(bytes, fractionEnd, to, zone, local);
        return offset == BAD ? NO_TIME : (local - offset) * MICROS + fraction(bytes, i, fractionEnd);
    }

    /** Whether it begins with a date and a clock of 14 digits, or 17 with milliseconds: a number of its own kind. */
    private static boolean isCompact(byte[] bytes, int from, int to) {
        if (to - from < COMPACT_LENGTH || !Ascii.isDigit(bytes[from + 4]) || !Ascii.isDigit(bytes[from + 8])) {
            return false;
        }
        int end = from;
        while (end < to && Ascii.isDigit(bytes[end])) {
            end++;
        }
        int year = four(bytes, from);
        boolean length = end - from == COMPACT_LENGTH || end - from == COMPACT_MILLIS_LENGTH;
        return length && year >= COMPACT_YEAR_MIN && year <= COMPACT_YEAR_MAX;
    }

    /** {@code 20031011T221415.003Z}, also without the T. */
    private static long basic(byte[] bytes, int from, int clock, int to, LocalZone zone) {
        int year = four(bytes, from);
        int hour = two(bytes, clock);
        int minute = two(bytes, clock + 2);
        int second = two(bytes, clock + 4);
        // In "20031011221415003" the fraction has no point before it.
        boolean digits = to - clock >= 9 && two(bytes, clock + 6) >= 0 && Ascii.isDigit(bytes[clock + 8]);
        int fraction = digits ? clock + 5 : clock + 6;
        int fractionEnd = digits ? clock + 9 : fractionEnd(bytes, fraction, to);
        if ((hour | minute | second | fractionEnd) < 0 || year <= 1 || hour > 23 || minute > 59 || second > 60) {
            return NO_TIME;
        }
        long day = epochDay(year, two(bytes, from + 4), two(bytes, from + 6));
        int clockSeconds = hour * 3600 + minute * 60 + second;
        long local = day * SECONDS_PER_DAY + clockSeconds;
        int offset = offset(bytes, fractionEnd, to, zone, local);
        return day == NO_TIME || offset == BAD
                ? NO_TIME
                : (local - offset) * MICROS + fraction(bytes, fraction, fractionEnd);
    }

    /** Seconds of the day of {@code hh:mm} or {@code hh:mm:ss}, or a negative number. */
    public static int clock(byte[] bytes, int from, int to) {
        if (to - from < 5 || bytes[from + 2] != ':') {
            return BAD;
        }
        int hour = two(bytes, from);
        int minute = two(bytes, from + 3);
        int second = clockEnd(bytes, from, to) == from + 8 ? two(bytes, from + 6) : 0;
        boolean valid = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second <= 60;
        return valid ? hour * 3600 + minute * 60 + second : BAD;
    }

    /** After the seconds, or after the minutes where there are none. */
    public static int clockEnd(byte[] bytes, int from, int to) {
        return to - from >= 8 && bytes[from + 5] == ':' ? from + 8 : from + 5;
    }

    /** After a fraction of a second that starts at {@code from}; {@code from} without one; -1 for a lonely point. */
    public static int fractionEnd(byte[] bytes, int from, int to) {
        if (from >= to || (bytes[from] != '.' && bytes[from] != ',')) {
            return from;
        }
        int i = from + 1;
        while (i < to && Ascii.isDigit(bytes[i])) {
            i++;
        }
        return i == from + 1 ? -1 : i;
    }

    /** The microseconds of a fraction, point included. */
    public static int fraction(byte[] bytes, int from, int to) {
        int micros = 0;
        int scale = 100_000;
        for (int i = from + 1; i < to && scale > 0; i++) {
            micros += (bytes[i] - '0') * scale;
            scale /= 10;
        }
        return micros;
    }

    /** Days since the epoch of a date that exists (proleptic Gregorian), or {@code NO_TIME}. */
    public static long epochDay(int year, int month, int day) {
        if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) {
            return NO_TIME;
        }
        // Years from March on put the leap day last; eras of 400 years are all alike.
        int shifted = month > 2 ? year : year - 1;
        int era = Math.floorDiv(shifted, 400);
        int yearOfEra = shifted - era * 400;
        int dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * 146_097L + dayOfEra - 719_468;
    }

    /**
     * The year of a local time, as {@link #epochDay} reversed, since a {@code LocalDate} would be garbage.
     *
     * @param localSeconds seconds since the epoch that a clock on the wall shows
     */
    public static int yearOf(long localSeconds) {
        long day = Math.floorDiv(localSeconds, (long) SECONDS_PER_DAY) + 719_468;
        long era = Math.floorDiv(day, 146_097L);
        long dayOfEra = day - era * 146_097;
        long yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        boolean newYear = (5 * dayOfYear + 2) / 153 >= 10;
        return (int) (yearOfEra + era * 400) + (newYear ? 1 : 0);
    }

    /** Two digits as a number, or a negative number. */
    public static int two(byte[] bytes, int from) {
        int tens = bytes[from] - '0';
        int ones = bytes[from + 1] - '0';
        return (tens | ones | 9 - tens | 9 - ones) < 0 ? BAD : tens * 10 + ones;
    }

    /** Four digits as a number, or a negative number. */
    public static int four(byte[] bytes, int from) {
        int high = two(bytes, from);
        int low = two(bytes, from + 2);
        return (high | low) < 0 ? BAD : high * 100 + low;
    }

    private static boolean isSeparator(byte b) {
        return b == 'T' || b == ' ' || b == 't';
    }

    private static long epochDay(byte[] bytes, int from) {
        if (bytes[from + 4] != '-' || bytes[from + 7] != '-') {
            return NO_TIME;
        }
        int year = four(bytes, from);
        // Years 0 and 1 are what languages print for a time that was never set.
        return year <= 1 ? NO_TIME : epochDay(year, two(bytes, from + 5), two(bytes, from + 8));
    }

    private static int daysOf(int year, int month) {
        if (month == 2) {
            boolean leap = (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0);
            return leap ? 29 : 28;
        }
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
    }

    /** The seconds ahead of UTC that {@code bytes[from, to)} means: Z, an offset, or nothing. */
    private static int offset(byte[] bytes, int from, int to, LocalZone zone, long local) {
        if (from == to) {
            return zone.isKnown() ? zone.offsetSeconds(local) : BAD;
        }
        int i = bytes[from] == ' ' ? from + 1 : from;
        int length = to - i;
        if (length == 1 && (bytes[i] == 'Z' || bytes[i] == 'z')) {
            return 0;
        }
        if (length == 3 && isUtc(bytes, i)) {
            return 0;
        }
        if (length < 3 || (bytes[i] != '+' && bytes[i] != '-')) {
            return BAD;
        }
        int hours = two(bytes, i + 1);
        int minutes = length == 3 ? 0 : length == 5 ? two(bytes, i + 3) : BAD;
        if (length == 6 && bytes[i + 3] == ':') {
            minutes = two(bytes, i + 4);
        }
        boolean valid = hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60;
        int seconds = hours * 3600 + minutes * 60;
        return !valid ? BAD : bytes[i] == '-' ? -seconds : seconds;
    }

    private static boolean isUtc(byte[] bytes, int i) {
        return (bytes[i] == 'U' && bytes[i + 1] == 'T' && bytes[i + 2] == 'C')
                || (bytes[i] == 'G' && bytes[i + 1] == 'M' && bytes[i + 2] == 'T');
    }
}
