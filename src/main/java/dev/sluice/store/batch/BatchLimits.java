package dev.sluice.store.batch;

import java.util.concurrent.TimeUnit;

/**
 * How large a batch may become: as large as the settings say, or less while the database is slow at taking rows, so
 * that a row waits for the batches in front of it for parts of a second and not for seconds, and less again while
 * shippers that send little wait beside a flood. What a transaction takes besides has to stay small, however far away
 * the database is or how slow its disk: less than an eighth, or beside a flood half. Any thread.
 */
public final class BatchLimits {

    /** What the rows of a batch may take to be copied. */
    static final long COPY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** The same while some wait beside a flood; such batches cost the lanes half as much again for each event. */
    static final long SHARED_COPY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** The copy may take so many times as long as all the rest of the transaction. */
    static final int REST_TIMES = 8;

    /**
     * The same while some wait beside a flood; with eight times, a busy machine made them wait for the batches again.
     */
    static final int SHARED_REST_TIMES = 2;

    /** A batch may always have so many bytes; what has less says nothing of the pace. */
    static final long BYTES_MIN = 256 * 1024;

    /** By which part of itself a batch may grow: one that the database took fast may have met an idle disk. */
    static final int GROWTH_DIVISOR = 4;

    private final int eventsMax;
    private final long bytesMax;
    private volatile long maxBytes;
    private volatile boolean isShared;

    /** {@code eventsMax} and {@code bytesMax} are what the settings say. */
    public BatchLimits(int eventsMax, long bytesMax) {
        this.eventsMax = eventsMax;
        this.bytesMax = bytesMax;
        maxBytes = bytesMax;
    }

    int maxEvents() {
        return eventsMax;
    }

    long maxBytes() {
        return maxBytes;
    }

    /** Whether rows of shippers that send little come beside those of a flood. */
    public void shared(boolean on) {
        isShared = on;
    }

    /**
     * A batch was committed.
     *
     * @param bytes of its rows
     * @param copyNanos what sending them took
     * @param restNanos what BEGIN and COMMIT took
     */
    public void committed(long bytes, long copyNanos, long restNanos) {
        if (bytes < Math.min(BYTES_MIN, bytesMax) / 2) {
            return;
        }
        double bytesPerNano = (double) bytes / Math.max(1, copyNanos);
        long nanos = isShared
                ? Math.max(SHARED_COPY_NANOS, SHARED_REST_TIMES * restNanos)
                : Math.max(COPY_NANOS, REST_TIMES * restNanos);
        long now = maxBytes;
        long wanted = Math.min((long) (bytesPerNano * nanos), now + now / GROWTH_DIVISOR);
        maxBytes = Math.clamp(wanted, Math.min(BYTES_MIN, bytesMax), bytesMax);
    }
}
