package dev.sluice.protocol.lumberjack;

import dev.sluice.event.Framer.Found;
import dev.sluice.event.Framer.Frame;
import dev.sluice.event.RejectReason;
import dev.sluice.protocol.line.Pieces;
import dev.sluice.text.BigEndian;
import dev.sluice.text.ByteWriter;

/**
 * Lumberjack's frames that are not compressed, and the window that they belong to: {@code W} says how many events it
 * has, {@code J} (JSON) and {@code D} (pairs) are an event each, with a number of the shipper's own choice. The number
 * of the last is acknowledged, window by window: some shippers begin each with 1, others count on, and a number that
 * belongs to no window, or to a later one, is an error to all of them.
 *
 * <p>In version 2 each window is announced. In version 1 its size holds until another is: some shippers announce it
 * once a connection and want to hear of every so many events.
 */
final class LumberjackFrames {

    /** The longest part of a frame before its payload. */
    static final int HEADER_BYTES = 10;

    private static final int WINDOW_BYTES = 6;
    private static final int LENGTH_BYTES = Integer.BYTES;
    private static final int PAIRS_MAX = 1024;

    private final int frameBytesMax;
    private long size;
    private long left;
    private int sequence;
    private boolean begun;
    private byte version;
    private final Pieces oversize;
    private int oversizeSequence;

    /** Of pairs that are not whole: how many lengths were read, and how far from the frame's first byte they lead. */
    private int lengthsRead;

    private long lengthsEnd = HEADER_BYTES;

    LumberjackFrames(int frameBytesMax) {
        this.frameBytesMax = frameBytesMax;
        oversize = new Pieces(frameBytesMax);
    }

    /** Whether the rest of a long event is still to come. */
    boolean isInsideOversize() {
        return oversize.areUnderWay();
    }

    /** As {@link dev.sluice.event.Framer#next}. */
    Found next(byte[] bytes, int from, int to, Frame frame) {
        if (oversize.areUnderWay()) {
            return oversize(from, to, frame);
        }
        if (!LumberjackFramer.isVersion(bytes[from])) {
            return Found.MALFORMED;
        }
        if (to - from < 2) {
            return Found.INCOMPLETE;
        }
        return switch (bytes[from + 1]) {
            case 'W' -> window(bytes, from, to, frame);
            case 'J' -> json(bytes, from, to, frame);
            case 'D' -> pairs(bytes, from, to, frame);
            default -> Found.MALFORMED;
        };
    }

    /** Tells a shipper that waits that this is known: 0 acknowledges nothing. Version 1 has no such thing. */
    void keepAlive(Frame frame) {
        if (version == '2') {
            acknowledge(0, frame);
        }
    }

    /** Acknowledges what there is of a window that will not be completed here. */
    void acknowledgePart(Frame frame) {
        if (left > 0 && begun) {
            acknowledge(sequence, frame);
            frame.acknowledged();
        }
    }

    private Found window(byte[] bytes, int from, int to, Frame frame) {
        if (left > 0) {
            return Found.MALFORMED;
        }
        if (to - from < WINDOW_BYTES) {
            return Found.INCOMPLETE;
        }
        version = bytes[from];
        size = Integer.toUnsignedLong(BigEndian.int32(bytes, from + 2));
        left = size;
        begun = false;
        frame.set(from, from, from + WINDOW_BYTES);
        if (left == 0) {
            acknowledge(0, frame);
            frame.acknowledged();
        }
        return Found.SKIPPED;
    }

    /** An event of version 1 after the last of its window begins the next. */
    private boolean isOutsideWindow(byte eventVersion) {
        if (left == 0 && version == '1' && eventVersion == '1') {
            left = size;
            begun = false;
        }
        return left == 0;
    }

    private Found json(byte[] bytes, int from, int to, Frame frame) {
        if (isOutsideWindow(bytes[from])) {
            return Found.MALFORMED;
        }
        int payload = from + HEADER_BYTES;
        if (to < payload) {
            return Found.INCOMPLETE;
        }
        int length = BigEndian.int32(bytes, from + 6);
        if (length < 0) {
            return Found.MALFORMED;
        }
        if (length > frameBytesMax) {
            oversizeSequence = BigEndian.int32(bytes, from + 2);
            oversize.begin(length, RejectReason.OVERSIZE_FRAME);
            frame.set(payload, payload, payload);
            return Found.SKIPPED;
        }
        if (to - payload < length) {
            return Found.INCOMPLETE;
        }
        frame.set(payload, payload + length, payload + length);
        taken(BigEndian.int32(bytes, from + 2), frame);
        return Found.FRAME;
    }

    /** The payload begins with the number of pairs, whose first byte is 0, so that it is not taken for JSON. */
    private Found pairs(byte[] bytes, int from, int to, Frame frame) {
        if (isOutsideWindow(bytes[from])) {
            return Found.MALFORMED;
        }
        if (to - from < HEADER_BYTES) {
            return Found.INCOMPLETE;
        }
        int count = BigEndian.int32(bytes, from + 6);
        if (count < 0 || count > PAIRS_MAX) {
            return Found.MALFORMED;
        }
        long end = (long) from + HEADER_BYTES - LENGTH_BYTES + frameBytesMax;
        long at = from + lengthsEnd;
        while (lengthsRead < 2 * count && at + LENGTH_BYTES <= to) {
            at += LENGTH_BYTES + Integer.toUnsignedLong(BigEndian.int32(bytes, (int) at));
            lengthsRead++;
        }
        lengthsEnd = at - from;
        if (at > end) {
            return Found.MALFORMED;
        }
        if (lengthsRead < 2 * count || at > to) {
            return Found.INCOMPLETE;
        }
        lengthsRead = 0;
        lengthsEnd = HEADER_BYTES;
        frame.set(from + 6, (int) at, (int) at);
        taken(BigEndian.int32(bytes, from + 2), frame);
        return Found.FRAME;
    }

    private Found oversize(int from, int to, Frame frame) {
        Found found = oversize.next(from, to, frame);
        if (found == Found.REJECTED && !oversize.areUnderWay()) {
            taken(oversizeSequence, frame);
        }
        return found;
    }

    private void taken(int number, Frame frame) {
        sequence = number;
        begun = true;
        left--;
        if (left == 0) {
            acknowledge(number, frame);
            frame.acknowledged();
        }
    }

    private void acknowledge(int number, Frame frame) {
        ByteWriter reply = frame.reply();
        reply.put(version);
        reply.put('A');
        reply.putInt(number);
    }
}
