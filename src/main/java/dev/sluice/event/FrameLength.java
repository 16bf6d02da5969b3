package dev.sluice.event;

/**
 * The length in front of a frame in a frame batch: seven bits a byte, lowest first, the high bit set on all but the
 * last. It takes the place of the delimiter that stood after the frame, so that a frame batch of tiny frames is no
 * larger than what was read.
 */
public final class FrameLength {

    private FrameLength() {}

    /** Bytes that the length {@code length} takes. */
    public static int size(int length) {
        return length < 1 << 7 ? 1 : length < 1 << 14 ? 2 : length < 1 << 21 ? 3 : length < 1 << 28 ? 4 : 5;
    }

    /** Writes {@code length} at {@code at}; returns where the payload goes. */
    public static int write(byte[] bytes, int at, int length) {
        int next = at;
        int rest = length;
        while (rest >= 0x80) {
            bytes[next++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[next++] = (byte) rest;
        return next;
    }

    /** Reads the length at {@code at}; the payload starts {@link #size} bytes on. */
    public static int read(byte[] bytes, int at) {
        int length = 0;
        int next = at;
        for (int shift = 0; ; shift += 7) {
            byte b = bytes[next++];
            length |= (b & 0x7f) << shift;
            if (b >= 0) {
                return length;
            }
        }
    }
}
