package dev.sluice.text;

import org.jspecify.annotations.Nullable;

/** Where a time was written, as it says itself: an offset, the name of a zone, or that of a place. */
final class WrittenZone {

    private static final int LENGTH_MAX = 6;
    private static final int OFFSET_HOURS_MAX = 14;

    private WrittenZone() {}

    /** Decodes an offset or the name of a zone, with a blank before it or none; returns where it ends. */
    static int decode(byte[] bytes, int from, int to, TimeParts parts) {
        int i = from < to && bytes[from] == ' ' ? from + 1 : from;
        if (i == to || (bytes[i] != '+' && bytes[i] != '-' && !isCapital(bytes[i]))) {
            return from;
        }
        if (to - i > 4 && bytes[i + 2] == 'T' && (bytes[i + 3] == '+' || bytes[i + 3] == '-')) {
            i += 3; // "GMT+0100" as JavaScript writes it; POSIX means the opposite, but writes no minutes
        }
        parts.place = place(bytes, i, to);
        if (parts.place != null) {
            return placeEnd(bytes, i, to);
        }
        int end = i;
        while (end < to
                && end - i <= LENGTH_MAX
                && !WrittenTime.isBlank(bytes[end])
                && (bytes[end] != ':' || isOffsetColon(bytes, end, to))) {
            end++;
        }
        int seconds = ZoneNames.UNKNOWN;
        if (isOffset(bytes, i, end)) {
            seconds = (bytes[i] == '-' ? -1 : 1) * offset(bytes, i + 1, end);
        } else {
            seconds = ZoneNames.offsetSeconds(bytes, i, end);
        }
        if (seconds == ZoneNames.UNKNOWN) {
            return from;
        }
        parts.offsetSeconds = seconds;
        return end;
    }

    /** The zone of the place whose name is the word at {@code from}, which a colon may end, or null. */
    static @Nullable LocalZone place(byte[] bytes, int from, int to) {
        return ZoneRegions.find(bytes, from, placeEnd(bytes, from, to));
    }

    static int placeEnd(byte[] bytes, int from, int to) {
        int end = WrittenTime.wordEnd(bytes, from, to);
        return end > from && bytes[end - 1] == ':' ? end - 1 : end;
    }

    /**
     * Whether the rest says in words what the offset before it said: {@code (Central European Time)} as JavaScript
     * does, {@code CET} or {@code CET m=+0.012} as Go.
     */
    static boolean isAgain(byte[] bytes, int from, int to) {
        if (to - from < 3 || bytes[from] != ' ' || !Ascii.isDigit(bytes[from - 1])) {
            return false;
        }
        if (bytes[from + 1] == '(') {
            return bytes[to - 1] == ')';
        }
        int word = WrittenTime.wordEnd(bytes, from + 1, to);
        int i = from + 1;
        while (i < word && isCapital(bytes[i])) {
            i++;
        }
        boolean offset = bytes[from - 5] == '+' || bytes[from - 5] == '-';
        boolean clock = word == to || (to - word > 3 && bytes[word + 1] == 'm' && bytes[word + 2] == '=');
        return offset && clock && i == word && word - from <= LENGTH_MAX;
    }

    /** Whether {@code bytes[from, to)} is {@code +hh:mm}, {@code +hhmm}, or {@code +hh} before a colon. */
    static boolean isOffset(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length < 3 || length > 6 || (bytes[from] != '+' && bytes[from] != '-')) {
            return false;
        }
        boolean colon = length == 6 && bytes[from + 3] == ':';
        if ((length == 6 && !colon) || length == 4) {
            return false;
        }
        int hours = IsoTime.two(bytes, from + 1);
        boolean digits = hours >= 0 && hours <= OFFSET_HOURS_MAX && (length == 3 || IsoTime.two(bytes, to - 2) >= 0);
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

    private static boolean isCapital(byte b) {
        return b >= 'A' && b <= 'Z';
    }
}
