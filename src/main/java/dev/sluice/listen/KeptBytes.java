package dev.sluice.listen;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/** The bytes of one connection's incomplete frame, in an array not much longer than they are. */
final class KeptBytes {

    /** Up to here they are joined with a read by copying them in front; above, by appending to them. */
    static final int COPIED_BYTES = 4 * 1024;

    private static final int LENGTH_MIN = 256;
    private static final byte[] NOTHING = new byte[0];

    private byte[] bytes = NOTHING;
    private int size;

    byte[] bytes() {
        return bytes;
    }

    int size() {
        return size;
    }

    /** Bytes of heap. */
    int heldBytes() {
        return bytes.length;
    }

    /**
     * An array of these bytes and those of a read.
     *
     * @param scratch what it is when they are few
     * @param tight whether there is no room for more than the bytes themselves
     */
    byte[] join(byte[] scratch, ByteBuf read, boolean tight) {
        if (size > COPIED_BYTES) {
            int before = size;
            append(read, tight);
            size = before;
            return bytes;
        }
        System.arraycopy(bytes, 0, scratch, 0, size);
        read.readBytes(scratch, size, read.readableBytes());
        return scratch;
    }

    /** Keeps what was read, too. */
    void append(ByteBuf read, boolean tight) {
        int to = size + read.readableBytes();
        if (bytes.length < to) {
            bytes = Arrays.copyOf(bytes, tight ? to : Math.max(to, bytes.length + bytes.length / 4));
        }
        read.readBytes(bytes, size, to - size);
        size = to;
    }

    /** Keeps {@code from[at, to)} and nothing else; it may be the array of this. */
    void keep(byte[] from, int at, int to) {
        size = to - at;
        if (size == 0) {
            bytes = NOTHING;
            return;
        }
        boolean fits = bytes.length >= size && bytes.length <= Math.max(4 * size, LENGTH_MIN);
        byte[] target = fits ? bytes : new byte[Math.max(size, LENGTH_MIN)];
        System.arraycopy(from, at, target, 0, size);
        bytes = target;
    }

    void clear() {
        keep(NOTHING, 0, 0);
    }
}
