package dev.sluice.event;

import java.util.List;
import java.util.Map;

/**
 * What one parcel became: rows in PostgreSQL's binary COPY format, without the file header and trailer. Immutable, so
 * that a retry sends the same bytes.
 *
 * @param bytes rows of {@code log_event}, one after the other
 * @param events how many
 * @param deadLetterBytes rows of {@code dead_letter}
 * @param rejected how many of them for which reason
 * @param parts which rows belong to which delivery, in order
 */
public record Rows(
        byte[] bytes, int events, byte[] deadLetterBytes, Map<RejectReason, Integer> rejected, List<Part> parts) {

    /**
     * The rows of one delivery.
     *
     * @param events its rows in {@link Rows#bytes()}
     */
    public record Part(Delivery delivery, int events) {}

    /** How many rows of {@code dead_letter}. */
    public int deadLetters() {
        int sum = 0;
        for (int count : rejected.values()) {
            sum += count;
        }
        return sum;
    }

    /** Bytes of heap that these rows hold. */
    public int size() {
        return bytes.length + deadLetterBytes.length;
    }
}
