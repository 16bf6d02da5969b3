package dev.sluice.event;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

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
     * A frame that the framer refused, or a piece of one.
     *
     * @param piece which one it is; null when the payload is no frame's
     */
    public record Reject(
            Delivery delivery,
            RejectReason reason,
            byte[] payload,
            @Nullable Piece piece) {}

    /**
     * Which part of a frame a dead letter has.
     *
     * @param frame the same for all pieces of it, and no other's
     * @param number from 1, in the order in which they came
     * @param isLast whether the frame is whole with it
     */
    public record Piece(UUID frame, int number, boolean isLast) {}
}
