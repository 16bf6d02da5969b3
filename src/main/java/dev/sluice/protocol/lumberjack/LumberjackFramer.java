package dev.sluice.protocol.lumberjack;

import dev.sluice.event.Framer;
import dev.sluice.text.BigEndian;

/**
 * Lumberjack 2 and the data frames of 1, as Beats and Logstash speak it. Frames are found by {@link LumberjackFrames},
 * compressed ones in what {@link InflatingBuffer} makes of them, step by step, with the same window going on inside.
 */
public final class LumberjackFramer implements Framer {

    private static final int COMPRESSED_HEADER_BYTES = 6;

    private final LumberjackFrames frames;
    private final int unpackedFrameBytesMax;
    private InflatingBuffer unpacking = InflatingBuffer.NOTHING;

    public LumberjackFramer(int frameBytesMax) {
        frames = new LumberjackFrames(frameBytesMax);
        unpackedFrameBytesMax = frameBytesMax + LumberjackFrames.HEADER_BYTES;
    }

    /** Whether {@code b} is the type of a frame that a shipper sends. */
    public static boolean isType(byte b) {
        return b == 'W' || b == 'J' || b == 'D' || b == 'C';
    }

    static boolean isVersion(byte b) {
        return b == '1' || b == '2';
    }

    @Override
    public Found next(byte[] bytes, int from, int to, Frame frame) {
        if (unpacking.isUnderWay()) {
            return unpack(bytes, from, to, frame);
        }
        boolean compressed = to - from > 1 && isVersion(bytes[from]) && bytes[from + 1] == 'C';
        if (!compressed || frames.isInsideOversize()) {
            return frames.next(bytes, from, to, frame);
        }
        if (to - from < COMPRESSED_HEADER_BYTES) {
            return Found.INCOMPLETE;
        }
        int length = BigEndian.int32(bytes, from + 2);
        if (length <= 0) {
            return Found.MALFORMED;
        }
        if (to - from - COMPRESSED_HEADER_BYTES < Math.min(length, InflatingBuffer.BEGIN_BYTES)) {
            return Found.INCOMPLETE; // nothing is taken for a frame that has only begun
        }
        if (!frame.takeGrant(InflatingBuffer.TAKEN_BYTES)) {
            return Found.NO_ROOM;
        }
        unpacking = new InflatingBuffer(length, unpackedFrameBytesMax);
        frame.set(from, from, from + COMPRESSED_HEADER_BYTES);
        return Found.SKIPPED;
    }

    /** What is not unpacked yet was not answered. */
    @Override
    public Found last(byte[] bytes, int from, int to, Frame frame) {
        if (unpacking.isUnderWay()) {
            frame.set(to, to, to);
            return Found.DISCARDED;
        }
        return Framer.super.last(bytes, from, to, frame);
    }

    @Override
    public void keepAlive(Frame frame) {
        frames.keepAlive(frame);
    }

    @Override
    public boolean farewell(Frame frame) {
        frames.acknowledgePart(frame);
        return true;
    }

    @Override
    public int heldBytes() {
        return unpacking.heldBytes();
    }

    @Override
    public int unframedBytes() {
        return unpacking.isUnderWay() ? unpacking.to() - unpacking.from() : 0;
    }

    @Override
    public void close() {
        unpacking.close();
    }

    private Found unpack(byte[] bytes, int from, int to, Frame frame) {
        Found found = inner(from, frame);
        if (found != Found.INCOMPLETE) {
            return found;
        }
        int growth = unpacking.growth();
        if (growth > 0 && !frame.takeGrant(growth)) {
            return Found.NO_ROOM;
        }
        return switch (unpacking.more(bytes, from, to)) {
            case UNPACKED, STOPPED -> {
                frame.set(from, from, from); // the same bytes again: now there is more inside
                yield Found.SKIPPED;
            }
            case USED_UP -> {
                frame.set(from, from, from + unpacking.takeUsed());
                yield Found.SKIPPED;
            }
            case FINISHED -> {
                frame.set(from, from, from + unpacking.takeUsed());
                unpacking.close();
                unpacking = InflatingBuffer.NOTHING;
                yield frames.isInsideOversize() ? Found.MALFORMED : Found.SKIPPED;
            }
            case REFUSED -> Found.MALFORMED;
        };
    }

    /** The next frame in what is unpacked. Nothing of what was presented is used up by it. */
    private Found inner(int from, Frame frame) {
        if (unpacking.isEmpty()) {
            return Found.INCOMPLETE;
        }
        Found found = frames.next(unpacking.bytes(), unpacking.from(), unpacking.to(), frame);
        if (found == Found.INCOMPLETE || found == Found.MALFORMED) {
            return found;
        }
        unpacking.taken(frame.next());
        frame.setUnpacked(unpacking.bytes(), frame.from(), frame.to(), from);
        return found;
    }
}
