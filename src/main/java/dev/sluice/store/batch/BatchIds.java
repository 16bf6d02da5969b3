package dev.sluice.store.batch;

import java.security.SecureRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Makes ids for the ledger: UUIDs of version 7, so that new ones stand side by side in its index. The random half is
 * drawn once a process, off the hot path (the system's generator may block), and the half with the time never repeats
 * within the process; so no two batches of any replica share an id, but for a copy of the process itself.
 */
public final class BatchIds {

    private static final int SEQUENCE_BITS = 12;
    private static final long VERSION_7 = 0x7000L;
    private static final long VARIANT = 0x8000_0000_0000_0000L;
    private static final long RANDOM_BITS = -1L >>> 2;

    /** Odd, so that no two numbers become the same by it; it brings the low bits to the upper half. */
    private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

    private final LongSupplier millis;
    private volatile long process;
    private final AtomicLong last = new AtomicLong();

    public BatchIds() {
        this(System::currentTimeMillis);
    }

    public BatchIds(LongSupplier millis) {
        this(millis, new SecureRandom().nextLong());
    }

    public BatchIds(LongSupplier millis, long random) {
        this.millis = millis;
        process = VARIANT | (random & RANDOM_BITS);
    }

    /**
     * An id with another random half, because somebody else makes the same ids: a virtual machine was copied with that
     * half in its memory. The copies do not come here in the same nanosecond, and no generator is waited for.
     */
    public UUID different() {
        process = VARIANT | ((process ^ (System.nanoTime() * SPREAD)) & RANDOM_BITS);
        return next();
    }

    public UUID next() {
        long now = millis.getAsLong() << SEQUENCE_BITS;
        long stamp = last.updateAndGet(previous -> Math.max(previous + 1, now));
        long time = stamp >>> SEQUENCE_BITS;
        long sequence = stamp & (1 << SEQUENCE_BITS) - 1;
        return new UUID(time << 16 | VERSION_7 | sequence, process);
    }
}
