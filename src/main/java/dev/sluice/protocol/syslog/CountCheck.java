package dev.sluice.protocol.syslog;

import dev.sluice.protocol.line.EventStarts;
import dev.sluice.protocol.line.OctetCount;
import dev.sluice.text.Ascii;
import dev.sluice.text.SwarSearch;

/**
 * Finds where an octet-counted frame really ends. A count is believed when another frame follows, or nothing yet. Where
 * something else follows, it was perhaps wrong: made of characters instead of bytes, of the message before it was cut
 * short, or one too many or too few. What stands inside of a frame decides nothing as long as its count is right, so
 * that no content makes an event of its own.
 */
final class CountCheck {

    /** The bytes that follow are needed to tell. */
    static final int MORE = OctetCount.UNDECIDED;

    /** The digits are no count, but the beginning of a line. */
    static final int LINE = -2;

    /** The stream ended inside of the frame. */
    static final int TRUNCATED = -3;

    /** A count that is wrong by so many bytes is a small mistake, such as a line end that was counted and not sent. */
    private static final int SLIP_BYTES_MAX = 2;

    /** A frame so many times as long as the one before it may have a digit too many in its count. */
    static final int LARGER = 4;

    private final int frameBytesMax;

    CountCheck(int frameBytesMax) {
        this.frameBytesMax = frameBytesMax;
    }

    /**
     * Where the frame really ends that begins at {@code payload} and should end at {@code end}.
     *
     * @param last whether the stream ends at {@code to}
     */
    int end(byte[] bytes, int payload, int end, int to, boolean last) {
        if (to < end) {
            return last ? truncated(bytes, payload, to) : MORE;
        }
        if (to == end) { // as soon as it is whole, unless it may be a line
            return !last && isLine(bytes, payload, end) ? MORE : end;
        }
        int next = next(bytes, end, to);
        if (next != OctetCount.NONE) {
            return next == MORE ? (last ? end : MORE) : followed(bytes, payload, end, to, last);
        }
        int size = OctetCount.size(bytes, end, to);
        if (size > 0) { // a frame without a PRI, or the midst of a text or of a count
            if (end + size == to && !last) {
                return MORE;
            }
            int inside = inside(bytes, payload, end, to, last);
            return inside == OctetCount.NONE ? end : inside;
        }
        return wrong(bytes, payload, end, to, last);
    }

    private int truncated(byte[] bytes, int payload, int to) {
        int inside = inside(bytes, payload, to, to, true);
        return inside != OctetCount.NONE ? inside : isLine(bytes, payload, to) ? LINE : TRUNCATED;
    }

    /** A line that begins with a number, such as {@code 200 OK}, ends before the bytes do that it seems to count. */
    private static boolean isLine(byte[] bytes, int payload, int end) {
        return payload < end && bytes[payload] != '<' && SwarSearch.newline(bytes, payload, end) < end;
    }

    /**
     * Where the frame ends if what follows begins within the count of another frame, or after it: then its own was
     * wrong.
     */
    private int followed(byte[] bytes, int payload, int end, int to, boolean last) {
        int start =
                bytes[end] == '<' ? beforePri(bytes, payload, end, to, last) : digits(bytes, payload, end, to, last);
        int inside = start == MORE || start >= end ? OctetCount.NONE : inside(bytes, payload, end, to, last);
        return inside == OctetCount.NONE ? start : inside;
    }

    /** Where the count begins whose PRI is at {@code end}, if its frame ends in step; else {@code end}. */
    private static int beforePri(byte[] bytes, int payload, int end, int to, boolean last) {
        int start = EventStarts.counted(bytes, payload - 1, end, to, last);
        if (start == OctetCount.NONE || start == OctetCount.UNDECIDED) {
            return start == OctetCount.NONE ? end : MORE;
        }
        int step = step(bytes, start, end, to, last);
        return step == MORE ? MORE : step == OctetCount.NONE ? end : start;
    }

    /** Where digits of a text end and those of a count begin, when the count before was wrong by one or two. */
    private static int digits(byte[] bytes, int payload, int end, int to, boolean last) {
        if (end == payload || !Ascii.isDigit(bytes[end])) {
            return end;
        }
        boolean isLarge = OctetCount.value(bytes, end) > LARGER * (end - payload); // for a text that ends with digits
        if (!isLarge && !Ascii.isDigit(bytes[end - 1])) {
            return end;
        }
        int open = end + OctetCount.size(bytes, end, to);
        int next = open + OctetCount.value(bytes, end);
        if (to < next + EventStarts.STEP_BYTES && !last) {
            return next - open < 10 ? MORE : end; // so short is no frame, and its end comes soon
        }
        if (EventStarts.isStep(bytes, next, to, last)) {
            return end;
        }
        boolean mayWait = next - open < 10 || OctetCount.size(bytes, next, to) <= 0;
        int least = Math.max(Math.max(payload, end - SLIP_BYTES_MAX), open - OctetCount.BYTES_MAX);
        int start = Math.min(end + SLIP_BYTES_MAX, open - 2);
        for (; start >= least && Ascii.isDigit(bytes[start]); start--) {
            int step = bytes[start] == '0' ? OctetCount.NONE : step(bytes, start, open, to, last);
            if (step != OctetCount.NONE && (step != MORE || mayWait)) {
                return step == MORE ? MORE : start;
            }
        }
        return end;
    }

    /** Whether the frame ends in step that {@code start} counts and whose PRI is at {@code open}; or {@link #MORE}. */
    private static int step(byte[] bytes, int start, int open, int to, boolean last) {
        int itsEnd = open + OctetCount.value(bytes, start);
        if (to < itsEnd + EventStarts.STEP_BYTES && !last) {
            return itsEnd - open > EventStarts.CHECKED_BYTES_MAX ? OctetCount.NONE : MORE;
        }
        return EventStarts.isStep(bytes, itsEnd, to, last) ? 1 : OctetCount.NONE;
    }

    /** Whether a frame with a PRI, a line with one, or an empty line follows; or {@link #MORE}. */
    private static int next(byte[] bytes, int at, int to) {
        if (EventStarts.isLineEnd(bytes[at])) {
            return 1;
        }
        return bytes[at] == '<' ? OctetCount.priEnd(bytes, at, to) : OctetCount.sizeBeforePri(bytes, at, to);
    }

    private int wrong(byte[] bytes, int payload, int end, int to, boolean last) {
        int characters = characters(bytes, payload, end, to, last);
        if (characters != OctetCount.NONE) {
            return characters;
        }
        int inside = inside(bytes, payload, end, to, last);
        if (inside != OctetCount.NONE) {
            return inside;
        }
        if (isLine(bytes, payload, end)) {
            return LINE;
        }
        for (int at = end + 1; at <= end + SLIP_BYTES_MAX; at++) {
            int ends = ends(bytes, payload, at, to, last);
            if (ends != OctetCount.NONE) {
                return ends == MORE ? MORE : at;
            }
        }
        return end; // what follows belongs to no frame
    }

    /** Where the frame ends if its count is that of its characters: of code points, or of units of UTF-16. */
    private int characters(byte[] bytes, int payload, int end, int to, boolean last) {
        int points = 0;
        int units = 0;
        for (int i = payload; i < end; i++) {
            points += isContinuation(bytes[i]) ? 1 : 0;
            units += isFour(bytes[i]) ? 1 : 0;
        }
        int most = Math.min(end + 4 * points, payload + frameBytesMax);
        for (int at = end; at < most; ) {
            if (at == to) {
                return last ? OctetCount.NONE : MORE;
            }
            points += isContinuation(bytes[at]) ? 1 : 0;
            units += isFour(bytes[at]) ? 1 : 0;
            at++;
            if (at - end == points || at - end == points - units) {
                int ends = ends(bytes, payload, at, to, last);
                if (ends != OctetCount.NONE) {
                    return ends == MORE ? MORE : at;
                }
            }
        }
        return OctetCount.NONE;
    }

    /** Whether the stream, a line, or the text before a frame ends at {@code at}; or {@link #MORE}. */
    private static int ends(byte[] bytes, int payload, int at, int to, boolean last) {
        if (at >= to) {
            return last ? at == to ? 1 : OctetCount.NONE : MORE;
        }
        if (EventStarts.isLineEnd(bytes[at])) {
            return 1;
        }
        int size = OctetCount.sizeBeforePri(bytes, at, to);
        if (size <= 0) {
            return size == OctetCount.UNDECIDED && last ? OctetCount.NONE : size;
        }
        int start = digits(bytes, payload, at, to, last);
        return start == MORE ? MORE : start == at ? size : OctetCount.NONE; // not amid a count
    }

    /** Where the frame ends if its count is too large, so that it goes into another one, which ends in step. */
    private int inside(byte[] bytes, int payload, int end, int to, boolean last) {
        int most = Math.min(to, end + OctetCount.BYTES_MAX);
        for (int open = payload; open < most; open++) {
            if (bytes[open] != '<') {
                continue;
            }
            int start = EventStarts.counted(bytes, payload - 1, open, to, last);
            if (start == OctetCount.UNDECIDED) {
                return MORE;
            }
            if (start == OctetCount.NONE || start >= end) {
                continue;
            }
            int itsEnd = open + OctetCount.value(bytes, start);
            if (itsEnd - payload > frameBytesMax) {
                continue;
            }
            if (!last && to < itsEnd + EventStarts.STEP_BYTES) {
                return MORE;
            }
            if (EventStarts.isStep(bytes, itsEnd, to, last)) {
                return start;
            }
        }
        return OctetCount.NONE;
    }

    private static boolean isContinuation(byte b) {
        return (b & 0xC0) == 0x80;
    }

    private static boolean isFour(byte b) {
        return (b & 0xF8) == 0xF0;
    }
}
