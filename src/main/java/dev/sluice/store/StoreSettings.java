package dev.sluice.store;

import java.time.Duration;

/**
 * How the store batches, writes and waits.
 *
 * @param lanes writer connections, each with one transaction at a time
 * @param maxEvents rows of a batch, dead letters included; the rows of one frame batch stay together even when they are
 *     more
 * @param maxBytes bytes of a batch's rows; the rows of one frame batch stay together even when they are more
 * @param batchDeadline how long one transaction may take before its connection is closed and the batch is written
 *     again. A frozen host and a lock that somebody holds look alike and give no error. The deadline is longer than the
 *     stalls that heal by themselves (a fail-over, a checkpoint, a lock of half a minute), because a new connection
 *     would wait for the same lock; and short enough that a connection that is dead without saying so costs a minute,
 *     not the hours of TCP. Closing is always safe: the ledger tells whether the transaction came through.
 * @param connectTimeout how long a connection may take to be established and set up
 * @param backoffMin the wait after the first failure; it doubles with each further one, and half of it is random
 * @param backoffMax the longest such wait; a standby that was promoted meanwhile waits for its first batch as long
 * @param haltedRetry the wait after a failure that only an operator can repair, such as a missing table
 * @param ledgerAge for how long the ledger remembers what was committed
 */
public record StoreSettings(
        int lanes,
        int maxEvents,
        int maxBytes,
        Duration batchDeadline,
        Duration connectTimeout,
        Duration backoffMin,
        Duration backoffMax,
        Duration haltedRetry,
        Duration ledgerAge) {

    /** Dead letters of refused rows that a lane gathers to write them together; one larger one may follow alone. */
    public static final int DEAD_LETTER_BYTES_MAX = 64 * 1024;

    /** What is used when nothing is configured. */
    public static final StoreSettings DEFAULT = new StoreSettings(
            2,
            20_000,
            8 * 1024 * 1024,
            Duration.ofSeconds(60),
            Duration.ofSeconds(5),
            Duration.ofMillis(100),
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            Duration.ofDays(1));

    /** Refuses what cannot work. */
    public StoreSettings {
        requirePositive("lanes", lanes);
        requirePositive("maxEvents", maxEvents);
        requirePositive("maxBytes", maxBytes);
        requirePositive("batchDeadline", batchDeadline.toMillis());
        requirePositive("connectTimeout", connectTimeout.toMillis());
        requirePositive("backoffMin", backoffMin.toMillis());
        requirePositive("haltedRetry", haltedRetry.toMillis());
        if (backoffMax.compareTo(backoffMin) < 0) {
            throw new IllegalArgumentException(
                    "backoffMax is " + backoffMax + ", expected at least backoffMin, which is " + backoffMin);
        }
    }

    private static void requirePositive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " is " + value + ", expected more than 0");
        }
    }
}
