package dev.sluice.event;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What one frame batch became: rows in PostgreSQL's binary COPY format, without the file header and trailer. Immutable,
 * so that a retry sends the same bytes.
 *
 * @param pieces rows of {@code log_event}, one piece after the other; small frame batches have one
 * @param deadLetterBytes rows of {@code dead_letter}
 * @param parts which rows belong to which delivery, in order
 */
public record Rows(List<Piece> pieces, byte[] deadLetterBytes, List<Part> parts) {

    /**
     * Whole rows.
     *
     * @param bytes the rows, and after them anything
     * @param length bytes of all rows
     * @param rows how many
     */
    public record Piece(byte[] bytes, int length, int rows) {

        /** Rows that fill their array. */
        public Piece(byte[] bytes, int rows) {
            this(bytes, bytes.length, rows);
        }
    }

    /**
     * The rows of one delivery.
     *
     * @param events its rows of {@code log_event}
     * @param filtered its events that a rule dropped
     * @param rejected its rows of {@code dead_letter}, how many for which reason
     * @param id what it is known by when it is sent again, or null; without rows there is nothing to store once, and a
     *     flood of such ids would keep others waiting for the ledger
     */
    public record Part(
            Delivery delivery,
            int events,
            int filtered,
            Map<RejectReason, Integer> rejected,
            @Nullable UUID id) {

        public Part {
            id = events == 0 && rejected.isEmpty() ? null : id;
        }

        /** Its rows of {@code dead_letter}. */
        public int deadLetters() {
            int sum = 0;
            for (int count : rejected.values()) {
                sum += count;
            }
            return sum;
        }
    }

    /** How many rows of {@code log_event}. */
    public int events() {
        int sum = 0;
        for (Piece piece : pieces) {
            sum += piece.rows;
        }
        return sum;
    }

    /** How many rows of {@code dead_letter}. */
    public int deadLetters() {
        int sum = 0;
        for (Part part : parts) {
            sum += part.deadLetters();
        }
        return sum;
    }

    /** How many rows of {@code dead_letter} for which reason. */
    public Map<RejectReason, Integer> rejected() {
        Map<RejectReason, Integer> all = new EnumMap<>(RejectReason.class);
        parts.forEach(part -> part.rejected.forEach((reason, count) -> all.merge(reason, count, Integer::sum)));
        return all;
    }

    /** Bytes of heap that these rows hold, their deliveries included. */
    public int size() {
        int sum = deadLetterBytes.length + parts.size() * Delivery.HEAP_BYTES;
        for (Piece piece : pieces) {
            sum += piece.bytes.length;
        }
        return sum;
    }
}
