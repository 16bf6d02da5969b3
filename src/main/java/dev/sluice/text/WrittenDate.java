package dev.sluice.text;

/**
 * The dates in syslog headers: {@code Oct 11}, {@code Fri Oct 11}, {@code 2026 Oct 11}, {@code Oct 11 2026}, {@code 11
 * Oct 2026}, {@code 11/Oct/2026}, {@code 10/11/2026}, {@code 2026/10/11}, {@code 2026:10:11}. Written to the event's
 * marks.
 */
final class WrittenDate {

    /** The place in the marks of the month, 1 to 12. */
    static final int MONTH = WrittenTime.MARKS_FROM;
    /** The place in the marks of the day of the month. */
    static final int DAY = WrittenTime.MARKS_FROM + 1;
    /** The place in the marks of the year, or {@link #NO_YEAR}. */
    static final int YEAR = WrittenTime.MARKS_FROM + 2;

    static final int NO_YEAR = -1;

    private static final int YEAR_MIN = 1970;
    private static final int YEAR_MAX = 2199;
    private static final int NUMERIC_LENGTH = 10;
    private static final String MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec";
    private static final String WEEKDAYS = "montuewedthufrisatsun";

    private WrittenDate() {}

    /** Decodes the date at {@code from}; returns where the character before the clock stands, or -1. */
    static int decode(byte[] bytes, int from, int to, int[] marks) {
        marks[YEAR] = NO_YEAR;
        if (!Ascii.isDigit(bytes[from])) {
            int i = weekdayEnd(bytes, from, to);
            return i < to && Ascii.isDigit(bytes[i])
                    ? dayFirst(bytes, i, to, marks)
                    : year(bytes, monthAndDay(bytes, i, to, marks), to, marks);
        }
        int year = yearEnd(bytes, from, to, marks);
        if (year > from && year < to && bytes[year] == ' ') {
            return monthAndDay(bytes, year + 1, to, marks);
        }
        if (to - from > NUMERIC_LENGTH) {
            int end = numeric(bytes, from, marks);
            if (end > 0) {
                return end;
            }
        }
        return dayFirst(bytes, from, to, marks);
    }

    /** Decodes {@code ' yyyy'} at {@code from} if it is there and no year is known; returns where it ends. */
    static int year(byte[] bytes, int from, int to, int[] marks) {
        if (from < 0 || from >= to || bytes[from] != ' ' || marks[YEAR] != NO_YEAR) {
            return from;
        }
        int end = yearEnd(bytes, from + 1, to, marks);
        if (end == from + 1) {
            return from;
        }
        if (end == to) {
            return end;
        }
        // "Oct 11, 2026, 22:14:15" and "Oct 11, 2026 @ 22:14:15"
        int next = bytes[end] == ',' ? end + 1 : end;
        return to - next > 2 && bytes[next + 1] == '@' ? next + 2 : next;
    }

    private static int yearEnd(byte[] bytes, int from, int to, int[] marks) {
        if (to - from < 4 || (from + 4 < to && " :,".indexOf(bytes[from + 4]) < 0)) {
            return from;
        }
        // "2001:db8::7" is an address.
        if (from + 5 < to && bytes[from + 4] == ':' && bytes[from + 5] != ' ') {
            return from;
        }
        int year = IsoTime.four(bytes, from);
        if (!isYear(year)) {
            return from;
        }
        marks[YEAR] = year;
        return from + 4;
    }

    /** Decodes {@code Mmm dd} (a day below ten may be padded with a space or not) and returns where it ends, or -1. */
    private static int monthAndDay(byte[] bytes, int from, int to, int[] marks) {
        if (to - from < 10 || bytes[from + 3] != ' ') {
            return -1;
        }
        marks[MONTH] = name(MONTHS, bytes, from);
        int i = bytes[from + 4] == ' ' ? from + 5 : from + 4;
        int end = dayEnd(bytes, i, to, marks);
        if (marks[MONTH] == 0 || end == i || end >= to) {
            return -1;
        }
        return bytes[end] == ' ' ? end : bytes[end] == ',' ? end + 1 : -1;
    }

    /** Decodes {@code dd Mmm yyyy} or {@code dd/Mmm/yyyy}. */
    private static int dayFirst(byte[] bytes, int from, int to, int[] marks) {
        int end = dayEnd(bytes, from, to, marks);
        if (to - end < 10 || bytes[end + 4] != bytes[end] || (bytes[end] != ' ' && bytes[end] != '/')) {
            return -1;
        }
        marks[MONTH] = name(MONTHS, bytes, end + 1);
        marks[YEAR] = IsoTime.four(bytes, end + 5);
        return marks[MONTH] == 0 || !isYear(marks[YEAR]) ? -1 : end + 9;
    }

    /**
     * Decodes {@code yyyy/mm/dd}, {@code yyyy:mm:dd} or {@code mm/dd/yyyy}, the last as {@code dd/mm/yyyy} if it must
     * be.
     */
    private static int numeric(byte[] bytes, int from, int[] marks) {
        if (bytes[from + 4] == bytes[from + 7] && (bytes[from + 4] == '/' || bytes[from + 4] == ':')) {
            marks[YEAR] = IsoTime.four(bytes, from);
            marks[MONTH] = IsoTime.two(bytes, from + 5);
            marks[DAY] = IsoTime.two(bytes, from + 8);
        } else if (bytes[from + 2] == '/' && bytes[from + 5] == '/') {
            marks[YEAR] = IsoTime.four(bytes, from + 6);
            int first = IsoTime.two(bytes, from);
            int second = IsoTime.two(bytes, from + 3);
            marks[MONTH] = first > 12 ? second : first;
            marks[DAY] = first > 12 ? first : second;
        } else {
            return -1;
        }
        return isYear(marks[YEAR]) ? from + NUMERIC_LENGTH : -1;
    }

    private static int dayEnd(byte[] bytes, int from, int to, int[] marks) {
        int end = from;
        int day = 0;
        while (end < Math.min(from + 2, to) && Ascii.isDigit(bytes[end])) {
            day = day * 10 + bytes[end] - '0';
            end++;
        }
        marks[DAY] = day;
        return end;
    }

    /** After {@code 'Fri '} or {@code 'Fri, '}; {@code from} where there is no name of a day. */
    private static int weekdayEnd(byte[] bytes, int from, int to) {
        if (to - from < 5 || name(WEEKDAYS, bytes, from) == 0) {
            return from;
        }
        int i = bytes[from + 3] == ',' ? from + 4 : from + 3;
        return bytes[i] == ' ' ? i + 1 : from;
    }

    /** Which of the names of three letters stands at {@code from}, counted from 1, or 0. */
    private static int name(String names, byte[] bytes, int from) {
        for (int i = 0; i < names.length(); i += 3) {
            if ((bytes[from] | 0x20) == names.charAt(i)
                    && (bytes[from + 1] | 0x20) == names.charAt(i + 1)
                    && (bytes[from + 2] | 0x20) == names.charAt(i + 2)) {
                return i / 3 + 1;
            }
        }
        return 0;
    }

    private static boolean isYear(int year) {
        return year >= YEAR_MIN && year <= YEAR_MAX;
    }
}
