package dev.sluice.protocol;

import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDetector;
import dev.sluice.protocol.lumberjack.LumberjackFramer;
import dev.sluice.protocol.relp.RelpFramer;
import dev.sluice.text.Ascii;
import dev.sluice.text.JsonSyntax;
import org.jspecify.annotations.Nullable;

/**
 * Tells the protocol from the first bytes of one connection: this is the place where the beginning of every protocol is
 * listed. It looks at each byte of an object once, however they are cut, and at a few of any other beginning.
 */
final class Detection implements ProtocolDetector {

    /** An object that has not ended by then is taken for a line of JSON. */
    static final int OBJECT_BYTES_MAX = 64 * 1024;

    private static final int BOM_BYTES = 3;

    private static final byte[] RELP_OPEN = {' ', 'o', 'p', 'e', 'n', ' '};

    /** Of the object: how many bytes were looked at, and how they left it. */
    private int looked;

    private int depth;
    private boolean inString;
    private boolean isEscaped;
    private boolean afterLine;

    @Override
    public @Nullable Protocol detect(byte[] bytes, int from, int to, boolean last) {
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
    private @Nullable Protocol marked(byte[] bytes, int from, int to) {
        if (to - from <= BOM_BYTES) {
            return null;
        }
        int next = from + BOM_BYTES;
        return bytes[next] == '{' ? object(bytes, next, to) : Protocol.SYSLOG;
    }

    /**
     * GELF ends an object with NUL and may have line feeds inside it; JSON lines end with a line feed. A line feed
     * after a whole object, or in front of another one, is the end of a line; an object that begins where another one
     * ended needs neither.
     */
    private @Nullable Protocol object(byte[] bytes, int from, int to) {
        int end = Math.min(to, from + OBJECT_BYTES_MAX);
        for (int i = from + looked; i < end; i++) {
            byte b = bytes[i];
            if (b == 0) {
                return Protocol.GELF;
            }
            if (b == '{' && i > from && (afterLine || (depth <= 0 && !inString))) {
                return Protocol.JSON;
            }
            afterLine = b == '\n';
            look(b);
            if (afterLine && depth <= 0 && !inString && (i + 1 == to || bytes[i + 1] != 0)) {
                return Protocol.JSON;
            }
        }
        looked = end - from;
        return looked == OBJECT_BYTES_MAX ? Protocol.JSON : null;
    }

    private void look(byte b) {
        if (inString) {
            inString = b != '"' || isEscaped;
            isEscaped = b == '\\' && !isEscaped;
        } else if (b == '"') {
            inString = true;
        } else if (b == '{' || b == '[') {
            depth++;
        } else if (b == '}' || b == ']') {
            depth--;
        }
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
        while (space < to && space - from <= RelpFramer.TXNR_DIGITS_MAX && Ascii.isDigit(bytes[space])) {
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
        return length == to ? null : Ascii.isDigit(bytes[length]) ? Protocol.RELP : Protocol.SYSLOG;
    }
}
