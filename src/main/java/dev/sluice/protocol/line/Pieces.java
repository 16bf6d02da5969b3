package dev.sluice.protocol.line;

import dev.sluice.event.Framer.Found;
import dev.sluice.event.Framer.Frame;
import dev.sluice.event.RejectReason;

/**
 * A frame of known length that cannot be an event. It becomes dead letters of bounded size as its bytes come, so that
 * none of them is lost and no more than one piece is held.
 */
public final class Pieces {

    private static final int PIECE_BYTES_MAX = 64 * 1024;

    private final int pieceBytesMax;
    private RejectReason reason = RejectReason.OVERSIZE_FRAME;
    private int left;
    private boolean isBegun;

    /** Whether the frame will never be whole. */
    private boolean isCut;

    public Pieces(int frameBytesMax) {
        pieceBytesMax = bytesMax(frameBytesMax);
    }

    /** The most that one dead letter takes. */
    public static int bytesMax(int frameBytesMax) {
        return Math.min(PIECE_BYTES_MAX, frameBytesMax);
    }

    /** A frame of so many bytes comes. */
    public void begin(int bytes, RejectReason why) {
        left = bytes;
        reason = why;
        isBegun = false;
        isCut = false;
    }

    /** Whether some of it is still to come. */
    public boolean areUnderWay() {
        return left > 0;
    }

    /** The next piece, as soon as it is whole. */
    public Found next(int from, int to, Frame frame) {
        int piece = Math.min(left, pieceBytesMax);
        if (to - from < piece) {
            return Found.INCOMPLETE;
        }
        left -= piece;
        reject(from, from + piece, reason, frame);
        mark(frame, isBegun, left == 0 && !isCut);
        isBegun = true;
        return Found.REJECTED;
    }

    /** As {@link #next}, when nothing more will come. */
    public Found last(int from, int to, Frame frame) {
        isCut |= left > to - from;
        left = Math.min(left, to - from);
        return next(from, to, frame);
    }

    /** Says which piece of its frame it is that was found. */
    public static void mark(Frame frame, boolean goesOn, boolean isLast) {
        if (goesOn) {
            frame.goesOn();
        }
        if (isLast) {
            frame.ends();
        }
    }

    /** The bytes {@code [from, to)} are a piece; {@link #mark} says which. */
    public static Found reject(int from, int to, RejectReason why, Frame frame) {
        frame.set(from, to, to);
        frame.reason(why);
        return Found.REJECTED;
    }
}
