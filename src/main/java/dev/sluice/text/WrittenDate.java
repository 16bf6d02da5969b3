package dev.sluice.text;

/**
 * The dates in syslog headers: {@code Oct 11}, {@code Fri Oct 11}, {@code 2026 Oct 11}, {@code Oct 11 2026}, {@code 11
 * Oct 2026}, {@code 11/Oct/2026}, {@code 11-Oct-2026}, {@code 10/11/2026}, {@code 2026/10/11}, {@code 2026:10:11},
 * {@code 2026.10.11}, {@code 11.10.2026}.
 */
final class WrittenDate {

    private static final int YEAR_MIN = 1970;
    private static final int YEAR_MAX = 2199;
    private static final int NUMERIC_LENGTH = 10;

    private WrittenDate() {}

    /** Decodes the date at {@code from}; returns where the character before the clock stands, or -1. */
    static int decode(byte[] bytes, int from, int to, TimeParts parts) {
        parts.year = TimeParts.NO_YEAR;
        if (!Ascii.isDigit(bytes[from])) {
            int i = month(bytes, from) > 0 ? from : weekdayEnd(bytes, from, to);
            return i < to && Ascii.isDigit(bytes[i])
                    ? dayFirst(bytes, i, to, parts)
                    : year(bytes, monthAndDay(bytes, i, to, parts), to, parts);
        }
        int year = yearEnd(bytes, from, to, parts);
        if (year > from && year < to && bytes[year] == ' ') {
            return monthAndDay(bytes, year + 1, to, parts);
        }
        if (to - from > NUMERIC_LENGTH) {
            int end = numeric(bytes, from, to, parts);
            if (end > 0) {
                return end;
            }
        }
        return dayFirst(bytes, from, to, parts);
    }

    /** Decodes {@code ' yyyy'} at {@code from} if it is there and no year is known; returns where it ends. */
    static int year(byte[] bytes, int from, int to, TimeParts parts) {
        if (from < 0 || from >= to || bytes[from] != ' ' || parts.year != TimeParts.NO_YEAR) {
            return from;
        }
        int end = yearEnd(bytes, from + 1, to, parts);
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

    private static int yearEnd(byte[] bytes, int from, int to, TimeParts parts) {
        if (to - from < 4 || (from + 4 < to && " :,".indexOf(bytes[from + 4]) < 0)) {
            return from;
        }
        // "2001:db8::7" is an address.
        if (from + 5 < to && bytes[from + 4] == ':' && bytes[from + 5] != ' ') {
            return from;
        }
        int year = IsoTime.four(bytes, from);
        if (!isYear(year) && !(isNone(year) && from + 4 < to && bytes[from + 4] == ' ')) {
            return from;
        }
        parts.year = year;
        return from + 4;
    }

    /** Decodes {@code Mmm dd} (a day below ten may be padded with a space or not) and returns where it ends, or -1. */
    private static int monthAndDay(byte[] bytes, int from, int to, TimeParts parts) {
        if (to - from < 10 || bytes[from + 3] != ' ') {
            return -1;
        }
        parts.month = month(bytes, from);
        int i = bytes[from + 4] == ' ' ? from + 5 : from + 4;
        int end = dayEnd(bytes, i, to, parts);
        if (parts.month == 0 || end == i || end >= to) {
            return -1;
        }
        return bytes[end] == ' ' ? end : bytes[end] == ',' ? end + 1 : -1;
    }

    /** Decodes {@code dd Mmm yyyy} or {@code dd/Mmm/yyyy}. */
    private static int dayFirst(byte[] bytes, int from, int to, TimeParts parts) {
        int end = dayEnd(bytes, from, to, parts);
        if (to - end < 10
                || bytes[end + 4] != bytes[end]
                || (bytes[end] != ' ' && bytes[end] != '/' && bytes[end] != '-')) {
            return -1;
        }
        parts.month = month(bytes, end + 1);
        parts.year = IsoTime.four(bytes, end + 5);
        return parts.month == 0 || !isYear(parts.year) ? -1 : end + 9;
    }

    /**
     * Decodes {@code yyyy/mm/dd}, {@code yyyy:mm:dd}, {@code yyyy.mm.dd}, {@code dd.mm.yyyy} or {@code mm/dd/yyyy},
     * also {@code m/d/yyyy}, the last as {@code dd/mm/yyyy} if it must be.
     */
    private static int numeric(byte[] bytes, int from, int to, TimeParts parts) {
        if (bytes[from + 4] == bytes[from + 7] && "/:.".indexOf(bytes[from + 4]) >= 0) {
            parts.year = IsoTime.four(bytes, from);
            parts.month = IsoTime.two(bytes, from + 5);
            parts.day = IsoTime.two(bytes, from + 8);
            return isYear(parts.year) ? from + NUMERIC_LENGTH : -1;
        }
        int first = dayEnd(bytes, from, to, parts);
        int month = parts.day;
        byte between = bytes[first];
        if (between != '/' && between != '.') {
            return -1;
        }
        int second = dayEnd(bytes, first + 1, to, parts);
        if (second == first + 1 || to - second < 5 || bytes[second] != between) {
            return -1;
        }
        int day = parts.day;
        boolean isDayFirst = between == '.' || month > 12;
        parts.month = isDayFirst ? day : month;
        parts.day = isDayFirst ? month : day;
        parts.year = IsoTime.four(bytes, second + 1);
        return isYear(parts.year) ? second + 5 : -1;
    }

    private static int dayEnd(byte[] bytes, int from, int to, TimeParts parts) {
        int end = Ascii.digitsEnd(bytes, from, Math.min(from + 2, to));
        parts.day = Ascii.number(bytes, from, end);
        return end;
    }

    /** After {@code 'Fri '} or {@code 'Fri, '}; {@code from} where there is no name of a day. */
    static int weekdayEnd(byte[] bytes, int from, int to) {
        if (to - from < 5 || !isWeekday(bytes, from)) {
            return from;
        }
        int i = bytes[from + 3] == ',' ? from + 4 : from + 3;
        return bytes[i] == ' ' ? i + 1 : from;
    }

    /** Which month the three letters at {@code from} name, counted from 1, or 0. */
    private static int month(byte[] bytes, int from) {
        return switch (letters(bytes, from)) {
            case 'j' << 16 | 'a' << 8 | 'n' -> 1;
            case 'f' << 16 | 'e' << 8 | 'b' -> 2;
            case 'm' << 16 | 'a' << 8 | 'r' -> 3;
            case 'a' << 16 | 'p' << 8 | 'r' -> 4;
            case 'm' << 16 | 'a' << 8 | 'y' -> 5;
            case 'j' << 16 | 'u' << 8 | 'n' -> 6;
            case 'j' << 16 | 'u' << 8 | 'l' -> 7;
            case 'a' << 16 | 'u' << 8 | 'g' -> 8;
            case 's' << 16 | 'e' << 8 | 'p' -> 9;
            case 'o' << 16 | 'c' << 8 | 't' -> 10;
            case 'n' << 16 | 'o' << 8 | 'v' -> 11;
            case 'd' << 16 | 'e' << 8 | 'c' -> 12;
            default -> 0;
        };
    }

    private static boolean isWeekday(byte[] bytes, int from) {
        return switch (letters(bytes, from)) {
            case 'm' << 16 | 'o' << 8 | 'n',
                    't' << 16 | 'u' << 8 | 'e',
                    'w' << 16 | 'e' << 8 | 'd',
                    't' << 16 | 'h' << 8 | 'u',
                    'f' << 16 | 'r' << 8 | 'i',
                    's' << 16 | 'a' << 8 | 't',
                    's' << 16 | 'u' << 8 | 'n' -> true;
            default -> false;
        };
    }

    /** Three letters as one number, whatever their case; negative bytes make it none of the names. */
    private static int letters(byte[] bytes, int from) {
        return (bytes[from] | 0x20) << 16 | (bytes[from + 1] | 0x20) << 8 | (bytes[from + 2] | 0x20);
    }

    /** Whether it is the year of a clock that was never set. */
    static boolean isNone(int year) {
        return year == 0 || year == 1;
    }

    private static boolean isYear(int year) {
        return year >= YEAR_MIN && year <= YEAR_MAX;
    }
}
