package dev.sluice.event;

import java.util.List;

/**
 * Deliveries that were gathered on the event loops and cross to the worker rail as one, because a hand-off between
 * threads costs more than decoding a small delivery. Immutable once sealed; holds heap bytes only, nothing
 * reference-counted.
 *
 * @param bytes the frames' payloads, each after its length as {@link FrameLength} writes it
 * @param deliveries in order; the first {@link Delivery#frames()} frames belong to the first, and so on
 * @param rejects frames that become dead letters, rare and copied out
 * @param rowBytesMax the most bytes of rows that it can become, with these rules
 * @param rules what its events go through
 */
public record FrameBatch(
        byte[] bytes, List<Delivery> deliveries, List<Reject> rejects, long rowBytesMax, RuleSet rules) {

    /**
     * A frame that the framer refused.
     *
     * @param payload its first bytes
     */
    public record Reject(Delivery delivery, RejectReason reason, byte[] payload) {}
}
