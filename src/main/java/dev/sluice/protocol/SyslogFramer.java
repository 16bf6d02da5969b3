package dev.sluice.protocol;

import dev.sluice.event.Framer;
import dev.sluice.event.RejectReason;

/**
 * Both framings of RFC 6587, told apart frame by frame as senders mix them. A frame is octet-counted only if it starts
 * with a count, a space and a PRI that fits into the count, so that a line that merely starts with a digit stays a
 * line.
 *
 * <p>A counted frame is consumed to its declared end, also when it is too long to keep: looking for the next frame
 * inside it would let its content forge events. LF, CR LF or NUL behind a counted frame is skipped like an empty line.
 */
final class SyslogFramer implements Framer {

    /** More digits are no count: 999 999 999 bytes are beyond any sender, and a longer number would overflow. */
    private static final int COUNT_DIGITS_MAX = 9;

    private static final int PRI_DIGITS_MAX = 3;
    private static final int NOT_COUNTED = 0;
    private static final int UNDECIDED = -1;

    private final LineFramer lines;
    private final int frameBytesMax;
    private int toSkip;

    SyslogFramer(int frameBytesMax) {
        this.frameBytesMax = frameBytesMax;
        lines = new LineFramer(frameBytesMax, LineFramer.End.LF_OR_NUL);
    }

    @Override
    public Found next(byte[] bytes, int from, int to, Frame frame) {
        if (toSkip > 0) {
            return skip(from, to, frame);
        }
        if (isLineEnd(bytes[from]) && !lines.isSkipping()) {
            frame.set(from, from, from + 1);
            return Found.SKIPPED;
        }
        int prefix = lines.isSkipping() ? NOT_COUNTED : prefix(bytes, from, to);
        return switch (prefix) {
            case NOT_COUNTED -> lines.next(bytes, from, to, frame);
            case UNDECIDED -> Found.INCOMPLETE;
            default -> counted(bytes, from + prefix, to, count(bytes, from), frame);
        };
    }

    @Override
    public Found last(byte[] bytes, int from, int to, Frame frame) {
        Found found = next(bytes, from, to, frame);
        if (found != Found.INCOMPLETE) {
            return found;
        }
        int prefix = prefix(bytes, from, to);
        if (prefix <= 0) {
            return lines.last(bytes, from, to, frame);
        }
        boolean oversize = count(bytes, from) > frameBytesMax;
        frame.set(from + prefix, to, to);
        frame.reason(oversize ? RejectReason.OVERSIZE_FRAME : RejectReason.TRUNCATED_FRAME);
        return Found.REJECTED;
    }

    private Found counted(byte[] bytes, int payload, int to, int count, Frame frame) {
        boolean oversize = count > frameBytesMax;
        int wanted = oversize ? Math.min(LineFramer.KEPT_BYTES_MAX, frameBytesMax) : count;
        if (to - payload < wanted) {
            return Found.INCOMPLETE;
        }
        int end = payload + wanted;
        if (!oversize) {
            frame.set(payload, LineFramer.trimmed(bytes, payload, end), end);
            return Found.FRAME;
        }
        toSkip = count - wanted;
        frame.set(payload, end, end);
        frame.reason(RejectReason.OVERSIZE_FRAME);
        return Found.REJECTED;
    }

    /** No frame starts with one: it is a keep-alive or stands behind a counted frame. */
    private static boolean isLineEnd(byte b) {
        return b == '\n' || b == 0;
    }

    private Found skip(int from, int to, Frame frame) {
        int skipped = Math.min(toSkip, to - from);
        toSkip -= skipped;
        frame.set(from, from, from + skipped);
        return Found.SKIPPED;
    }

    /** The length of the count and its space; at most 15 bytes are looked at, so there is no place to remember. */
    private static int prefix(byte[] bytes, int from, int to) {
        if (bytes[from] < '1' || bytes[from] > '9') {
            return NOT_COUNTED;
        }
        int space = digitsEnd(bytes, from, Math.min(to, from + COUNT_DIGITS_MAX));
        if (space == to) {
            return UNDECIDED;
        }
        int payload = space + 1;
        if (bytes[space] != ' ' || (payload < to && bytes[payload] != '<')) {
            return NOT_COUNTED;
        }
        int close = digitsEnd(bytes, payload + 1, Math.min(to, payload + 1 + PRI_DIGITS_MAX));
        if (payload >= to || close >= to) {
            return UNDECIDED;
        }
        boolean pri = bytes[close] == '>' && close > payload + 1;
        return pri && count(bytes, from) > close - payload ? payload - from : NOT_COUNTED;
    }

    private static int digitsEnd(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && bytes[i] >= '0' && bytes[i] <= '9') {
            i++;
        }
        return i;
    }

    private static int count(byte[] bytes, int from) {
        int count = 0;
        for (int i = from; bytes[i] != ' '; i++) {
            count = count * 10 + bytes[i] - '0';
        }
        return count;
    }
}
