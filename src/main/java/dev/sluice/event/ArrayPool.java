package dev.sluice.event;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Large arrays that are used again. What is in flight lives longer than a collector's young generation, so that without
 * this every byte that passes is copied into the old one, which fills within seconds and is collected with a long
 * pause. Small arrays are not worth it and made anew.
 *
 * <p>Who gives an array back must be its only reader. An array that is never given back is garbage, nothing more.
 */
public final class ArrayPool {

    private static final int STEP_BYTES = 16 * 1024;
    private static final int BYTES_MIN = 2 * STEP_BYTES;
    private static final int BYTES_MAX = 16 * STEP_BYTES;

    private final LongSupplier room;
    private final List<ArrayDeque<byte[]>> free = new ArrayList<>();
    private long freeBytes;

    /** A pool whose unused arrays take at most as much as {@code room} says at the time. */
    public ArrayPool(LongSupplier room) {
        this.room = room;
        for (int bytes = 0; bytes <= BYTES_MAX; bytes += STEP_BYTES) {
            free.add(new ArrayDeque<>());
        }
    }

    /** A pool that keeps nothing. */
    public static ArrayPool none() {
        return new ArrayPool(() -> 0);
    }

    /** How many bytes an array for {@code bytes} has more than that, at most. */
    public static int slack() {
        return STEP_BYTES;
    }

    /** An array of at least {@code bytes} bytes, and less than {@link #slack} more; its content is arbitrary. */
    public byte[] take(int bytes) {
        if (bytes < BYTES_MIN || bytes > BYTES_MAX) {
            return new byte[bytes];
        }
        int steps = (bytes + STEP_BYTES - 1) / STEP_BYTES;
        long most = room.getAsLong();
        synchronized (this) {
            byte[] used = free.get(steps).poll();
            if (used != null) {
                freeBytes -= used.length;
                return used;
            }
            shrink(most);
        }
        return new byte[steps * STEP_BYTES];
    }

    /** Takes an array back that nobody reads any more. */
    public void give(byte[] array) {
        int bytes = array.length;
        if (bytes < BYTES_MIN || bytes > BYTES_MAX || bytes % STEP_BYTES != 0) {
            return;
        }
        long most = room.getAsLong();
        synchronized (this) {
            if (freeBytes + bytes <= most) {
                free.get(bytes / STEP_BYTES).push(array);
                freeBytes += bytes;
            }
        }
    }

    /** Bytes of arrays that wait to be used. */
    public synchronized long freeBytes() {
        return freeBytes;
    }

    private void shrink(long most) {
        for (ArrayDeque<byte[]> arrays : free) {
            while (freeBytes > most && !arrays.isEmpty()) {
                freeBytes -= arrays.remove().length;
            }
        }
    }
}
