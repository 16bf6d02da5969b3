package dev.sluice.text;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A growing byte array, big endian, reused between events; its owner bounds what goes in. Not thread-safe. */
public final class ByteWriter {

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private byte[] bytes;
    private int size;

    /** A writer whose array starts with {@code capacity} bytes. */
    public ByteWriter(int capacity) {
        bytes = new byte[capacity];
    }

    /** The backing array; it changes when the writer grows. */
    public byte[] array() {
        return bytes;
    }

    /** Bytes written so far. */
    public int size() {
        return size;
    }

    /** Forgets what was written from {@code size} on. */
    public void truncate(int size) {
        this.size = size;
    }

    /** Forgets everything, and the array, too, when one large content made it larger than {@code keptBytes}. */
    public void clear(int keptBytes) {
        size = 0;
        if (bytes.length > keptBytes) {
            bytes = new byte[keptBytes];
        }
    }

    /** Makes room for {@code more} bytes. */
    public void ensure(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, more), bytes.length + (bytes.length >> 1)));
        }
    }

    /** Appends one byte. */
    public void put(int value) {
        ensure(1);
        bytes[size++] = (byte) value;
    }

    /** Appends 2 bytes. */
    public void putShort(int value) {
        ensure(2);
        SHORT.set(bytes, size, (short) value);
        size += 2;
    }

    /** Appends 4 bytes. */
    public void putInt(int value) {
        ensure(4);
        INT.set(bytes, size, value);
        size += 4;
    }

    /** Appends 8 bytes. */
    public void putLong(long value) {
        ensure(8);
        LONG.set(bytes, size, value);
        size += 8;
    }

    /** Writes 4 bytes at a place that was written before, such as a length known only afterwards. */
    public void putIntAt(int position, int value) {
        INT.set(bytes, position, value);
    }

    /** Appends a range of bytes. */
    public void put(byte[] source, int offset, int length) {
        ensure(length);
        System.arraycopy(source, offset, bytes, size, length);
        size += length;
    }

    /** Appends all bytes of an array. */
    public void put(byte[] source) {
        put(source, 0, source.length);
    }

    /** A copy of what was written. */
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }
}
