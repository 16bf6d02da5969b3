package dev.sluice.protocol.line;

import dev.sluice.event.Framer;
import dev.sluice.event.RejectReason;
import dev.sluice.text.SwarSearch;

/**
 * Lines of text that end with LF, without trailing CR and NUL; blank ones are keep-alives.
 *
 * <p>A NUL ends a line too (RFC 6587 section 3.4.2; Python's SysLogHandler sends {@code \0} and no LF) when a
 * {@code '<'} follows, or when it is the last byte that was read: there, waiting would hold the event of a quiet
 * shipper back for ever. Any other NUL belongs to the message and is repaired later. The price: a message with a NUL
 * inside that a read happens to end with becomes two events; no byte is lost.
 *
 * <p>A line that is longer than a frame may be has perhaps no end: some shippers write none. It is cut where an event
 * begins in it, and so is what follows up to the next LF. What is too long even so becomes dead letters, piece by
 * piece.
 */
public final class LineFramer implements Framer {

    private final int frameBytesMax;
    private final int pieceBytesMax;
    private final EventStarts starts;

    /** Whether it is cut where an event begins in it. */
    private boolean isCut;

    /** Whether the beginning of the event at hand is a dead letter already. */
    private boolean isOversize;

    /** Whether a piece of it is. */
    private boolean isPieced;

    private int searched;

    public LineFramer(int frameBytesMax, EventStarts starts) {
        this.frameBytesMax = frameBytesMax;
        this.pieceBytesMax = Pieces.bytesMax(frameBytesMax);
        this.starts = starts;
    }

    /** Whether a part of an event was looked at or given away. */
    public boolean isInside() {
        return searched > 0 || isOversize;
    }

    /** Whether what comes is cut where an event begins in it. */
    public boolean isCut() {
        return isCut;
    }

    /** Has what comes up to the next LF cut where an event begins in it, however short it is. */
    public void cut() {
        isCut = true;
    }

    @Override
    public Found next(byte[] bytes, int from, int to, Frame frame) {
        if (isCut) {
            return cut(bytes, from, to, frame, false);
        }
        int end = end(bytes, from + searched, to);
        if (end - from > frameBytesMax) {
            isCut = true;
            searched = 0;
            return cut(bytes, from, to, frame, false);
        }
        if (end == to) {
            searched = to - from;
            return Found.INCOMPLETE;
        }
        return line(bytes, from, end, end + 1, frame);
    }

    @Override
    public Found last(byte[] bytes, int from, int to, Frame frame) {
        Found found = isCut ? Found.INCOMPLETE : next(bytes, from, to, frame);
        if (found != Found.INCOMPLETE) {
            return found;
        }
        return isCut ? cut(bytes, from, to, frame, true) : line(bytes, from, to, to, frame);
    }

    /** Where the payload that ends at {@code to} ends without CR, LF and NUL after it. */
    public static int trimmed(byte[] bytes, int from, int to) {
        int end = to;
        while (end > from && EventStarts.isLineEnd(bytes[end - 1])) {
            end--;
        }
        return end;
    }

    private Found line(byte[] bytes, int from, int end, int next, Frame frame) {
        searched = 0;
        int trimmed = trimmed(bytes, from, end);
        frame.set(from, trimmed, next);
        return isBlank(bytes, from, trimmed) ? Found.SKIPPED : Found.FRAME;
    }

    private Found cut(byte[] bytes, int from, int to, Frame frame, boolean last) {
        for (int i = from + searched; i < to; i++) {
            byte b = bytes[i];
            if (b == '\n' || (b == 0 && endsLine(bytes, i, to))) {
                return segment(bytes, from, i, i + 1, frame);
            }
            if (b == '<') {
                int start = starts.before(bytes, from, i, to, last);
                if (start == OctetCount.UNDECIDED) {
                    searched = i - from;
                    return Found.INCOMPLETE;
                }
                if (start > from) {
                    return segment(bytes, from, start, start, frame);
                }
            }
            int looked = i - from - OctetCount.BYTES_MAX; // no event that begins later is missed by a cut before it
            isOversize = isOversize || looked > frameBytesMax;
            if (isOversize && looked >= pieceBytesMax) {
                return piece(from, i, frame);
            }
        }
        searched = to - from;
        return last ? segment(bytes, from, to, to, frame) : Found.INCOMPLETE;
    }

    /** An event of a line that is cut, or the last piece of one that is too long. */
    private Found segment(byte[] bytes, int from, int end, int next, Frame frame) {
        isOversize = isOversize || end - from > frameBytesMax;
        if (isOversize && end - from > pieceBytesMax) {
            return piece(from, end, frame);
        }
        isCut = next == end; // after an LF it is another line
        if (!isOversize) {
            return line(bytes, from, end, next, frame);
        }
        isOversize = false;
        searched = 0;
        Pieces.reject(from, end, RejectReason.OVERSIZE_FRAME, frame);
        frame.set(from, end, next);
        Pieces.mark(frame, isPieced, true);
        isPieced = false;
        return end == from ? Found.SKIPPED : Found.REJECTED;
    }

    /** The bytes up to {@code looked} are searched already. */
    private Found piece(int from, int looked, Frame frame) {
        searched = looked - from - pieceBytesMax;
        Pieces.reject(from, from + pieceBytesMax, RejectReason.OVERSIZE_FRAME, frame);
        Pieces.mark(frame, isPieced, false);
        isPieced = true;
        return Found.REJECTED;
    }

    /** Where the line ends that was searched up to {@code from}, or {@code to}. */
    static int end(byte[] bytes, int from, int to) {
        int i = SwarSearch.newlineOrNul(bytes, from, to);
        while (i < to && bytes[i] == 0 && !endsLine(bytes, i, to)) {
            i = SwarSearch.newlineOrNul(bytes, i + 1, to);
        }
        return i;
    }

    private static boolean endsLine(byte[] bytes, int nul, int to) {
        return nul + 1 == to || bytes[nul + 1] == '<';
    }

    static boolean isBlank(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && (bytes[i] == ' ' || bytes[i] == '\t' || EventStarts.isLineEnd(bytes[i]))) {
            i++;
        }
        return i == to;
    }
}
