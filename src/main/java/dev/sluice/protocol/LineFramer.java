package dev.sluice.protocol;

import dev.sluice.event.Framer;
import dev.sluice.event.RejectReason;

/**
 * Lines that end in LF (or, for GELF, in NUL), without trailing CR and NUL; blank ones are keep-alives. A line longer
 * than the bound becomes a dead letter of its first bytes, and its rest is skipped as it comes.
 *
 * <p>A NUL ends a syslog line too (RFC 6587 section 3.4.2; Python's SysLogHandler sends {@code \0} and no LF) when a
 * {@code '<'} follows, or when it is the last byte that was read: there, waiting would hold the event of a quiet
 * shipper back for ever. Any other NUL belongs to the message and is repaired later. The price: a message with a NUL
 * inside that a read happens to end with becomes two events; no byte is lost.
 */
final class LineFramer implements Framer {

    /** What is kept of a frame that is too long. */
    static final int KEPT_BYTES_MAX = 8 * 1024;

    private final int frameBytesMax;
    private final int keptBytesMax;
    private final End lineEnd;
    private int searched;
    private boolean skipping;

    /** What ends a line. */
    enum End {
        LF,
        NUL,
        /** As syslog has it; see above. */
        LF_OR_NUL
    }

    LineFramer(int frameBytesMax, End lineEnd) {
        this.frameBytesMax = frameBytesMax;
        this.keptBytesMax = Math.min(KEPT_BYTES_MAX, frameBytesMax);
        this.lineEnd = lineEnd;
    }

    /** Whether the rest of a long line is still to come. */
    boolean isSkipping() {
        return skipping;
    }

    @Override
    public Found next(byte[] bytes, int from, int to, Frame frame) {
        int end = end(bytes, from + searched, to);
        int next = Math.min(end + 1, to);
        if (skipping) {
            skipping = end == to;
            frame.set(from, from, next);
            return Found.SKIPPED;
        }
        if (end - from > frameBytesMax) {
            searched = 0;
            skipping = end == to;
            frame.set(from, from + keptBytesMax, next);
            frame.reason(RejectReason.OVERSIZE_FRAME);
            return Found.REJECTED;
        }
        if (end == to) {
            searched = to - from;
            return Found.INCOMPLETE;
        }
        return line(bytes, from, end, next, frame);
    }

    @Override
    public Found last(byte[] bytes, int from, int to, Frame frame) {
        Found found = next(bytes, from, to, frame);
        return found == Found.INCOMPLETE ? line(bytes, from, to, to, frame) : found;
    }

    /** Where the payload that ends at {@code to} ends without CR, LF and NUL behind it. */
    static int trimmed(byte[] bytes, int from, int to) {
        int end = to;
        while (end > from && isTrailer(bytes[end - 1])) {
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

    private int end(byte[] bytes, int from, int to) {
        return switch (lineEnd) {
            case LF -> Words.newline(bytes, from, to);
            case NUL -> Words.nul(bytes, from, to);
            case LF_OR_NUL -> newlineOrNul(bytes, from, to);
        };
    }

    private static int newlineOrNul(byte[] bytes, int from, int to) {
        int i = Words.newlineOrNul(bytes, from, to);
        while (i < to && bytes[i] == 0 && i + 1 < to && bytes[i + 1] != '<') {
            i = Words.newlineOrNul(bytes, i + 1, to);
        }
        return i;
    }

    private static boolean isTrailer(byte b) {
        return b == '\r' || b == '\n' || b == 0;
    }

    private static boolean isBlank(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && (bytes[i] == ' ' || bytes[i] == '\t' || isTrailer(bytes[i]))) {
            i++;
        }
        return i == to;
    }
}
