package dev.sluice.event;

import java.util.List;

/**
 * Deliveries that were gathered on the event loops and cross to the worker rail as one, because a hand-off between
 * threads costs more than decoding a small delivery. Immutable once sealed; holds heap bytes only, nothing
 * reference-counted.
 *
 * @param bytes the frames' payloads with whatever framing stood between them
 * @param bounds two ints a frame: where its payload starts in {@code bytes} and where it ends
 * @param deliveries in order; the first {@link Delivery#frames()} bounds belong to the first, and so on
 * @param rejects frames that become dead letters, rare and copied out
 */
public record Parcel(byte[] bytes, int[] bounds, List<Delivery> deliveries, List<Reject> rejects) {

    /**
     * A frame that the framer refused.
     *
     * @param payload its first bytes
     */
    public record Reject(Delivery delivery, RejectReason reason, String detail, byte[] payload) {}
}
