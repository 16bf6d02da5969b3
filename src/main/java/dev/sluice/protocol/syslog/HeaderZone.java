package dev.sluice.protocol.syslog;

import dev.sluice.event.LogEvent;

/**
 * Names of zones after a time that are not known, or mean several offsets ({@code IST}). They are passed over, so that
 * none becomes the host; the time is read as one without a zone.
 */
final class HeaderZone {

    private static final int LENGTH_MIN = 3;
    private static final int LENGTH_MAX = 4;

    /** Equipment that puts something before the time writes no host after it, and a zone of any length: {@code ET}. */
    private static final int LENGTH_MIN_OF_CISCO = 2;

    private static final int LENGTH_MAX_OF_CISCO = 6;

    private HeaderZone() {}

    /**
     * After the name of a zone in capitals that follows the time which ends at {@code from}; {@code from} if there is
     * none. In doubt it is a host: of a word before a blank only a host and a tag that follow tell that it is none.
     */
    static int end(byte[] bytes, int from, int to, boolean prefixed, LogEvent event) {
        if (to - from < 2 || bytes[from] != ' ' || !isCapital(bytes[from + 1])) {
            return from;
        }
        int i = from + 1;
        while (i < to && isCapital(bytes[i])) {
            i++;
        }
        int length = i - from - 1;
        if (length < LENGTH_MIN_OF_CISCO || i == to) {
            return from;
        }
        boolean zone = length >= LENGTH_MIN && length <= LENGTH_MAX && bytes[i - 1] == 'T';
        if (bytes[i] == ':') {
            boolean cisco = to - i > 2 && bytes[i + 1] == ' ' && bytes[i + 2] == '%';
            return (prefixed && length <= LENGTH_MAX_OF_CISCO) || (zone && cisco) ? i : from;
        }
        return zone && bytes[i] == ' ' && isHostWithTag(bytes, i + 1, to, event) ? i : from;
    }

    private static boolean isHostWithTag(byte[] bytes, int from, int to, LogEvent event) {
        int end = HeaderHost.plainEnd(bytes, from, to);
        boolean tag = end > from && HeaderTag.decode(bytes, end + 1, to, event) >= 0;
        HeaderTag.forget(event);
        return tag;
    }

    private static boolean isCapital(byte b) {
        return b >= 'A' && b <= 'Z';
    }
}
