package dev.sluice.text;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers as networks write them. */
public final class BigEndian {

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private BigEndian() {}

    /** The two bytes at {@code at}. */
    public static short int16(byte[] bytes, int at) {
        return (short) SHORT.get(bytes, at);
    }

    /** The four bytes at {@code at}. */
    public static int int32(byte[] bytes, int at) {
        return (int) INT.get(bytes, at);
    }

    /** The eight bytes at {@code at}. */
    public static long int64(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }
}
