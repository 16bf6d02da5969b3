package dev.sluice.event;

/** Encodes a frame batch's events as they are decoded. One instance a worker; not thread-safe. */
public interface RowEncoder extends EventSink {

    /** The events and rejects that follow belong to {@code delivery}. */
    void begin(Delivery delivery);

    /** The events and rejects that follow belong to the next frame of the delivery. */
    default void beginFrame() {}

    /** Takes what the framer refused, as {@link #reject(RejectReason, String, byte[], int, int)} does. */
    default void reject(FrameBatch.Reject refused) {
        byte[] payload = refused.payload();
        reject(refused.reason(), refused.reason().detail(), payload, 0, payload.length);
    }

    /** A rule dropped an event of the delivery. */
    default void filtered() {}

    /**
     * Forgets everything since the last seal: rows of half a delivery would be acknowledged with the next frame batch.
     */
    default void discard() {}

    /** Seals everything since the last seal. */
    Rows seal();
}
