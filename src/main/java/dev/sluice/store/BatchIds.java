package dev.sluice.store;

import java.security.SecureRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Makes ids for the ledger: UUIDs of version 7, so that new ones stand side by side in its index. The random half is
 * drawn once a process, off the hot path (the system's generator may block), and the half with the time never repeats
 * within the process; so no two batches of any replica share an id.
 */
final class BatchIds {

    private static final int SEQUENCE_BITS = 12;
    private static final long VERSION_7 = 0x7000L;
    private static final long VARIANT = 0x8000_0000_0000_0000L;

    private final LongSupplier millis;
    private final long process = VARIANT | new SecureRandom().nextLong() >>> 2;
    private final AtomicLong last = new AtomicLong();

    BatchIds() {
        this(System::currentTimeMillis);
    }

    BatchIds(LongSupplier millis) {
        this.millis = millis;
    }

    UUID next() {
        long now = millis.getAsLong() << SEQUENCE_BITS;
        long stamp = last.updateAndGet(previous -> Math.max(previous + 1, now));
        long time = stamp >>> SEQUENCE_BITS;
        long sequence = stamp & (1 << SEQUENCE_BITS) - 1;
        return new UUID(time << 16 | VERSION_7 | sequence, process);
    }
}
