package dev.sluice.protocol.syslog;

import dev.sluice.event.Framer;
import dev.sluice.event.RejectReason;
import dev.sluice.protocol.line.EventStarts;
import dev.sluice.protocol.line.LineFramer;
import dev.sluice.protocol.line.OctetCount;
import dev.sluice.protocol.line.Pieces;
import dev.sluice.text.Ascii;

/**
 * The frames of a connection that counts them (RFC 6587 section 3.4.1): each goes by its count, whatever it begins
 * with. LF, CR LF or NUL between them is skipped.
 *
 * <p>Where a count was wrong ({@link CountCheck}) the damaged frame ends before the next count that a PRI follows. What
 * begins with no count is a line of its own, which ends there, too, or at an LF. Only when neither comes for very long
 * the stream is given up. A frame that is too long is taken to its declared end: looking for the next one inside of it
 * would let its content make events of its own.
 *
 * <p>A frame is taken as soon as it is whole, so that the event of a quiet shipper waits for nothing. The price: when a
 * read happens to end just where a wrong count says, its message is in two events; no byte is lost.
 */
final class CountedFramer implements Framer {

    /** A longer frame than so many of the longest is a mistake, and so is text without a frame. */
    private static final int BELIEVED_FRAMES = 64;

    private final int frameBytesMax;
    private final CountCheck check;
    private final Pieces oversize;
    private final LineFramer lines;

    /** Length and value of the count at hand. */
    private int size;

    private int count;

    /** Whether they were read already, to see that the frame before ends there. */
    private boolean isKnown;

    /** Bytes that have to be there before a frame that seems wrong is looked at again. */
    private int awaited;

    /** Bytes that were looked at to judge counts that seemed wrong, and bytes that were taken. */
    private long lookedBytes;

    private long takenBytes;

    /** Bytes that became dead letters since the last frame, because nothing began in them. */
    private long strayBytes;

    CountedFramer(int frameBytesMax) {
        this.frameBytesMax = frameBytesMax;
        check = new CountCheck(frameBytesMax);
        oversize = new Pieces(frameBytesMax);
        lines = new LineFramer(frameBytesMax, EventStarts::counted);
    }

    /** Whether a count before a PRI may be one. */
    static boolean isBelieved(int count, int frameBytesMax) {
        return count <= (long) BELIEVED_FRAMES * frameBytesMax;
    }

    @Override
    public Found next(byte[] bytes, int from, int to, Frame frame) {
        if (oversize.areUnderWay()) {
            return oversize.next(from, to, frame);
        }
        return to - from < awaited ? Found.INCOMPLETE : find(bytes, from, to, frame, false);
    }

    @Override
    public Found last(byte[] bytes, int from, int to, Frame frame) {
        return oversize.areUnderWay() ? oversize.last(from, to, frame) : find(bytes, from, to, frame, true);
    }

    private Found find(byte[] bytes, int from, int to, Frame frame, boolean last) {
        if (lines.isInside()) {
            return line(bytes, from, to, frame, last);
        }
        if (EventStarts.isLineEnd(bytes[from])) {
            frame.set(from, from, from + 1);
            return Found.SKIPPED;
        }
        if (!isKnown) {
            size = OctetCount.size(bytes, from, to);
            if (size == OctetCount.UNDECIDED && !last) {
                return Found.INCOMPLETE;
            }
            if (size <= 0) {
                return line(bytes, from, to, frame, last);
            }
            count = OctetCount.value(bytes, from);
        }
        isKnown = false;
        return count > frameBytesMax ? oversize(bytes, from, to, frame, last) : counted(bytes, from, to, frame, last);
    }

    private Found oversize(byte[] bytes, int from, int to, Frame frame, boolean last) {
        int pri = OctetCount.sizeBeforePri(bytes, from, to);
        if (pri == OctetCount.UNDECIDED && !last) {
            return Found.INCOMPLETE;
        }
        if (pri <= 0 || !isBelieved(count, frameBytesMax)) {
            return line(bytes, from, to, frame, last);
        }
        oversize.begin(count, RejectReason.OVERSIZE_FRAME);
        frame.set(from, from, from + size);
        return Found.SKIPPED;
    }

    private Found counted(byte[] bytes, int from, int to, Frame frame, boolean last) {
        if (lookedBytes > BELIEVED_FRAMES * (takenBytes + frameBytesMax)) {
            return Found.MALFORMED; // counts that are always wrong must not cost more than a line does
        }
        int payload = from + size;
        int counted = payload + count;
        if (isFollowed(bytes, counted, to)) {
            return take(bytes, from, payload, counted, frame);
        }
        int most = payload + frameBytesMax + EventStarts.STEP_BYTES;
        int end = check.end(bytes, payload, counted, Math.min(to, most), last || to >= most);
        awaited = 0;
        lookedBytes += end == counted || to < counted ? 0 : Math.max(counted, end) - from;
        return switch (end) {
            case CountCheck.MORE -> {
                // It grows with what was looked at, so that looking again costs no more than the bytes do.
                int next = to < counted ? counted : to + 1 + (to - counted) / 2;
                awaited = Math.min(next, most) - from;
                yield Found.INCOMPLETE;
            }
            case CountCheck.LINE -> line(bytes, from, to, frame, last);
            case CountCheck.TRUNCATED -> {
                frame.set(payload, to, to);
                frame.reason(RejectReason.TRUNCATED_FRAME);
                yield Found.REJECTED;
            }
            default -> take(bytes, from, payload, end, frame);
        };
    }

    /** Whether the next frame begins at {@code end} beyond doubt, as nearly always: then its count is at hand. */
    private boolean isFollowed(byte[] bytes, int end, int to) {
        int next = end < to && count > 0 ? OctetCount.sizeBeforePri(bytes, end, to) : OctetCount.NONE;
        if (next <= 0) {
            return false;
        }
        int value = OctetCount.value(bytes, end);
        boolean isPlain = value <= CountCheck.LARGER * count
                && (!Ascii.isDigit(bytes[end - 1])
                        || EventStarts.isStepOrOneBefore(bytes, end + next + value, to, false));
        if (isPlain) {
            size = next;
            count = value;
            isKnown = true;
        }
        return isPlain;
    }

    private Found take(byte[] bytes, int from, int payload, int end, Frame frame) {
        awaited = 0;
        takenBytes += end - from;
        strayBytes = 0;
        int trimmed = LineFramer.trimmed(bytes, payload, end);
        frame.set(payload, trimmed, end);
        return trimmed == payload ? Found.SKIPPED : Found.FRAME;
    }

    private Found line(byte[] bytes, int from, int to, Frame frame, boolean last) {
        if (strayBytes > (long) BELIEVED_FRAMES * frameBytesMax) {
            return Found.MALFORMED;
        }
        lines.cut();
        Found found = last ? lines.last(bytes, from, to, frame) : lines.next(bytes, from, to, frame);
        if (found == Found.REJECTED) {
            strayBytes += frame.next() - from;
        } else if (found == Found.FRAME) {
            strayBytes = 0;
        }
        return found;
    }
}
