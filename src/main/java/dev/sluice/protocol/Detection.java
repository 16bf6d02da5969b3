package dev.sluice.protocol;

import dev.sluice.event.JsonSyntax;
import dev.sluice.event.Protocol;
import org.jspecify.annotations.Nullable;

/**
 * Tells the protocol from the first bytes of a connection: this is the place where the beginning of every protocol is
 * listed. Nothing is remembered; while bytes are missing, all of them are looked at again.
 */
final class Detection {

    /** An object that has not ended by then is taken for a line of JSON. */
    static final int OBJECT_BYTES_MAX = 64 * 1024;

    private static final int OBJECT_DEPTH_MAX = 512;

    private static final int BOM_BYTES = 3;

    private static final byte[] RELP_OPEN = {' ', 'o', 'p', 'e', 'n', ' '};

    private Detection() {}

    static @Nullable Protocol detect(byte[] bytes, int from, int to, boolean last) {
        int i = JsonSyntax.spaceEnd(bytes, from, to);
        if (i == to) {
            return null;
        }
        Protocol protocol =
                switch (bytes[i] & 0xFF) {
                    // A nil, or an array of two to four values or of a number that follows: none begins a text.
                    case 0xC0, 0x92, 0x93, 0x94, 0xDC, 0xDD -> Protocol.FORWARD;
                    case '{' -> object(bytes, i, to);
                    case '1', '2', '3', '4', '5', '6', '7', '8', '9' -> digit(bytes, i, to);
                    case 0xEF -> marked(bytes, i, to);
                    default -> Protocol.SYSLOG;
                };
        if (protocol == null && last) {
            return bytes[i] == '{' ? Protocol.JSON : Protocol.SYSLOG;
        }
        return protocol;
    }

    /** A byte order mark may stand before an object; before anything else it is a text. */
    private static @Nullable Protocol marked(byte[] bytes, int from, int to) {
        if (to - from <= BOM_BYTES) {
            return null;
        }
        int next = from + BOM_BYTES;
        return bytes[next] == '{' ? object(bytes, next, to) : Protocol.SYSLOG;
    }

    /**
     * GELF ends an object with NUL and may have line feeds inside it; JSON lines end with a line feed. A line feed
     * behind a whole object, or in front of another one, is the end of a line.
     */
    private static @Nullable Protocol object(byte[] bytes, int from, int to) {
        int line = from;
        while (line < to) {
            int stop = Words.newlineOrNul(bytes, line, to);
            if (stop == to) {
                break;
            }
            if (bytes[stop] == 0 || (stop + 1 < to && bytes[stop + 1] == 0)) {
                return Protocol.GELF;
            }
            if (endsObject(bytes, from, stop) || (stop + 1 < to && bytes[stop + 1] == '{')) {
                return Protocol.JSON;
            }
            line = stop + 1;
        }
        return to - from >= OBJECT_BYTES_MAX ? Protocol.JSON : null;
    }

    private static boolean endsObject(byte[] bytes, int from, int to) {
        int end = LineFramer.trimmed(bytes, from, to);
        while (end > from && bytes[end - 1] == ' ') {
            end--;
        }
        return bytes[end - 1] == '}' && new JsonScanner(OBJECT_DEPTH_MAX).value(bytes, from, end, 0, new int[1]) == end;
    }

    /** A count of syslog, a transaction of RELP, which always opens, or a version of Lumberjack. */
    private static @Nullable Protocol digit(byte[] bytes, int from, int to) {
        if (bytes[from] <= '2') {
            boolean lumberjack = to - from > 1 && LumberjackFramer.isType(bytes[from + 1]);
            if (to - from < 2 || (lumberjack && to - from < 3)) {
                return null;
            }
            if (lumberjack && bytes[from + 2] == 0) {
                return Protocol.LUMBERJACK; // no length and no first number needs its highest byte, and no text has NUL
            }
        }
        int space = from;
        while (space < to && space - from <= RelpFramer.TXNR_DIGITS_MAX && IsoTime.isDigit(bytes[space])) {
            space++;
        }
        for (int i = 0; i < RELP_OPEN.length; i++) {
            if (space + i == to) {
                return null;
            }
            if (bytes[space + i] != RELP_OPEN[i]) {
                return Protocol.SYSLOG;
            }
        }
        int length = space + RELP_OPEN.length;
        return length == to ? null : IsoTime.isDigit(bytes[length]) ? Protocol.RELP : Protocol.SYSLOG;
    }
}
