package dev.sluice.event;

/**
 * What a protocol acknowledges as one; for protocols without acks, the events that one socket read completed.
 *
 * @param origin who sent it
 * @param receivedAtMicros when it was read, in microseconds since the epoch; the n-th event of it is n microseconds
 *     later, so that {@code received_at} orders the events of a connection
 * @param readNanos {@link System#nanoTime()} of the read, for the latency
 * @param frames how many frames of the frame batch belong to it
 * @param ack called once, on any thread, when all of it is committed; cheap and non-blocking
 */
public record Delivery(Origin origin, long receivedAtMicros, long readNanos, int frames, Runnable ack) {

    /**
     * What a delivery takes on the heap besides its bytes: itself, its ack, its places in the lists of a frame batch,
     * its part of the rows. It is counted in the budget, for of a delivery of 20 bytes it is the most.
     */
    public static final int HEAP_BYTES = 128;

    /** The ack of protocols that have none. */
    public static final Runnable NO_ACK = () -> {};
}
