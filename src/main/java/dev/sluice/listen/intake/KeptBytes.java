package dev.sluice.listen.intake;

import io.netty.buffer.ByteBuf;

/**
 * What one connection sent and is not framed yet: an incomplete frame, or what there was no room for. What is added and
 * what is taken away costs as much as it is long, however long the rest is. On the connection's event loop only.
 */
public final class KeptBytes {

    /** Up to here they are joined with a read by copying them in front; above, by appending to them. */
    static final int COPIED_BYTES = 4 * 1024;

    private static final int BYTES_MIN = 256;
    private static final byte[] NOTHING = new byte[0];

    private byte[] bytes = NOTHING;
    private int from;
    private int to;

    /** How many bytes there are. */
    public int size() {
        return to - from;
    }

    /** Bytes of heap that they take. */
    public int heldBytes() {
        return bytes.length;
    }

    /** The array that they are in. */
    public byte[] array() {
        return bytes;
    }

    /** Where they begin in it. */
    public int from() {
        return from;
    }

    /** Copies them and what the buffer holds to the beginning of {@code target}; returns where they end. */
    int joinTo(byte[] target, ByteBuf buffer) {
        int more = buffer.readableBytes();
        System.arraycopy(bytes, from, target, 0, size());
        buffer.readBytes(target, size(), more);
        return size() + more;
    }

    /**
     * Adds what the buffer holds.
     *
     * @param tight whether there is no room for more than the bytes themselves
     */
    public void append(ByteBuf buffer, boolean tight) {
        int more = buffer.readableBytes();
        if (bytes.length - to < more) {
            makeRoom(size() + more, tight);
        }
        buffer.readBytes(bytes, to, more);
        to += more;
    }

    /** Moves no more bytes to the front than were taken away before them, or than there are new ones. */
    private void makeRoom(int needed, boolean tight) {
        int size = size();
        boolean fits = needed <= bytes.length && from >= size;
        byte[] target = fits ? bytes : new byte[tight ? needed : Math.max(needed, size + size / 4)];
        System.arraycopy(bytes, from, target, 0, size);
        bytes = target;
        from = 0;
        to = size;
    }

    /** Keeps {@code source[start, end)} and nothing else; in the array of these it may be a part of them. */
    @SuppressWarnings("ReferenceEquality") // which array it is, not what is in it
    void keep(byte[] source, int start, int end) {
        int size = end - start;
        boolean fits = bytes.length >= size && bytes.length <= Math.max(4 * size, BYTES_MIN);
        if (size == 0) {
            clear();
        } else if (source == bytes && fits) {
            from = start;
            to = end;
        } else {
            byte[] target = fits ? bytes : new byte[Math.max(size, BYTES_MIN)];
            System.arraycopy(source, start, target, 0, size);
            bytes = target;
            from = 0;
            to = size;
        }
    }

    /** Forgets all of them. */
    public void clear() {
        bytes = NOTHING;
        from = 0;
        to = 0;
    }
}
