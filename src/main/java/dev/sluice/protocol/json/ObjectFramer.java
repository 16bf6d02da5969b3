package dev.sluice.protocol.json;

import dev.sluice.event.Framer;
import dev.sluice.event.RejectReason;
import dev.sluice.protocol.line.LineFramer;
import dev.sluice.protocol.line.Pieces;
import dev.sluice.text.SwarSearch;

/**
 * JSON objects that end with LF or, as GELF has it, with NUL, or one after the other without anything in between: an
 * object says itself where it ends. Blank lines are keep-alives. What is no object is a frame up to the next end, and a
 * dead letter later; so is an object that is broken. Where objects end with NUL a line that begins in the midst of a
 * broken one with a brace is the next, since some senders end GELF with LF. So it is with an object that is laid out in
 * lines, with nothing but its first brace in the first of them.
 *
 * <p>As long as a shipper ends its objects, only the ends are looked for, and braces that follow a closing one. From
 * the first object on that another one follows without an end in between, each is taken as soon as its last brace is
 * there.
 *
 * <p>What is too long becomes dead letters, piece by piece, to its end. When there is none for very long, the stream is
 * given up: a quote too many can be found in no other way.
 */
public final class ObjectFramer implements Framer {

    /** A longer object than so many of the longest is none. */
    private static final int BELIEVED_FRAMES = 64;

    private final int frameBytesMax;
    private final int pieceBytesMax;
    private final byte terminator;
    private final ObjectScan scan;

    /** Whether objects follow each other without an end in between. */
    private boolean isConcatenated;

    /** Whether the beginning of the frame at hand is a dead letter already. */
    private boolean isOversize;

    /** Whether a piece of it is. */
    private boolean isPieced;

    /** Whether no end came yet after the last object. */
    private boolean isFollowed;

    private int searched;

    /** Bytes up to the end of the frame at hand, if it is known while its pieces are taken. */
    private int known;

    private long rejectedBytes;

    private ObjectFramer(int frameBytesMax, byte terminator) {
        this.frameBytesMax = frameBytesMax;
        this.pieceBytesMax = Pieces.bytesMax(frameBytesMax);
        this.terminator = terminator;
        scan = new ObjectScan(terminator);
    }

    /** Objects that end with LF. */
    public static ObjectFramer lines(int frameBytesMax) {
        return new ObjectFramer(frameBytesMax, (byte) '\n');
    }

    /** Objects that end with NUL. */
    public static ObjectFramer gelf(int frameBytesMax) {
        return new ObjectFramer(frameBytesMax, (byte) 0);
    }

    @Override
    public Found next(byte[] bytes, int from, int to, Frame frame) {
        return find(bytes, from, to, frame, false);
    }

    @Override
    public Found last(byte[] bytes, int from, int to, Frame frame) {
        return find(bytes, from, to, frame, true);
    }

    private Found find(byte[] bytes, int from, int to, Frame frame, boolean last) {
        if (searched == 0 && scan.scanned() == 0 && !isOversize) {
            int start = ObjectScan.blankEnd(bytes, from, to);
            if (start > from) {
                isFollowed &= SwarSearch.braceOrEnd(bytes, from, start, terminator) == start;
                frame.set(from, from, start);
                return Found.SKIPPED;
            }
            isConcatenated |= isFollowed && bytes[from] == '{';
            isFollowed = false;
        }
        if (rejectedBytes > (long) BELIEVED_FRAMES * frameBytesMax) {
            return Found.MALFORMED;
        }
        int end = end(bytes, from, to);
        if (end < 0 && last) {
            end = to;
        }
        int length = (end < 0 ? to : end) - from;
        isOversize = isOversize || length > frameBytesMax;
        if (isOversize && length > pieceBytesMax) {
            known = end < 0 ? 0 : length;
            return piece(from, frame);
        }
        return end < 0 ? Found.INCOMPLETE : whole(bytes, from, end, to, frame);
    }

    /** Where the frame ends, or -1. */
    private int end(byte[] bytes, int from, int to) {
        if (known > 0) {
            return from + known;
        }
        if (isConcatenated || isOversize || scan.isLaidOut()) {
            return scan.end(bytes, from, to);
        }
        int end = search(bytes, from, to);
        if ((end < 0 ? to : end) - from <= frameBytesMax || scan.isAtEnd()) {
            return end;
        }
        int scanned = scan.end(bytes, from, to); // it is too long, or not one object
        return scanned < 0 ? end : scanned;
    }

    private int search(byte[] bytes, int from, int to) {
        int i = from + Math.max(searched, 1);
        while (i < to) {
            i = SwarSearch.braceOrEnd(bytes, i, to, terminator);
            if (i == to) {
                break;
            }
            if (bytes[i] == terminator) {
                return ObjectScan.isOpening(bytes, from, i) ? scan.end(bytes, from, to) : i;
            }
            if (scan.mayBegin(bytes, from, i)) {
                int end = scan.end(bytes, from, i + 1);
                if (end >= 0) {
                    return end;
                }
            }
            i++;
        }
        searched = to - from;
        return -1;
    }

    private Found whole(byte[] bytes, int from, int end, int to, Frame frame) {
        int next = end < to && bytes[end] == terminator ? end + 1 : end;
        boolean isRejected = isOversize;
        isFollowed = next == end;
        searched = 0;
        known = 0;
        rejectedBytes = 0;
        isOversize = false;
        scan.reset();
        if (isRejected) {
            Pieces.reject(from, end, RejectReason.OVERSIZE_FRAME, frame);
            frame.set(from, end, next);
            Pieces.mark(frame, isPieced, true);
            isPieced = false;
            return end == from ? Found.SKIPPED : Found.REJECTED;
        }
        frame.set(from, LineFramer.trimmed(bytes, from, end), next);
        return Found.FRAME;
    }

    private Found piece(int from, Frame frame) {
        known = Math.max(known - pieceBytesMax, 0);
        searched = Math.max(searched - pieceBytesMax, 0);
        rejectedBytes += pieceBytesMax;
        scan.move(pieceBytesMax);
        Pieces.reject(from, from + pieceBytesMax, RejectReason.OVERSIZE_FRAME, frame);
        Pieces.mark(frame, isPieced, false);
        isPieced = true;
        return Found.REJECTED;
    }
}
