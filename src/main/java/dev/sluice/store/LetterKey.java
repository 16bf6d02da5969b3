package dev.sluice.store;

import dev.sluice.event.Protocol;
import dev.sluice.event.RejectReason;
import io.r2dbc.spi.Readable;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code dead_letter} without its payload; of a frame in pieces, the first.
 *
 * @param place the row's {@code ctid}: it stays as it is for as long as the row is locked
 * @param bytes of the payload; of a frame, all pieces
 * @param frame null when the payload is whole
 * @param rows 1, or the pieces of the frame
 * @param whole whether all of it is there
 */
record LetterKey(
        String place,
        long micros,
        String source,
        String listener,
        @Nullable String protocol,
        @Nullable String reason,
        @Nullable String format,
        @Nullable UUID frame,
        long bytes,
        long rows,
        boolean whole) {

    /** What is selected of a row. */
    static final String COLUMNS =
            "ctid::text AS place, (extract(epoch from received_at) * 1000000)::bigint, coalesce(source, ''),"
                    + " coalesce(listener, ''), protocol, reason, format, frame, coalesce(octet_length(payload), 0)::bigint,"
                    + " detail";

    /** What pieces said before they were numbered; nobody can join those. */
    private static final String NOT_NUMBERED = RejectReason.OVERSIZE_FRAME.detail();

    static LetterKey of(Readable row) {
        UUID frame = row.get(7, UUID.class);
        String reason = row.get(5, String.class);
        boolean truncated = RejectReason.TRUNCATED_FRAME.label().equals(reason);
        boolean whole =
                frame == null && !truncated && number(row, 8) > 0 && !NOT_NUMBERED.equals(row.get(9, String.class));
        return new LetterKey(
                text(row, 0),
                number(row, 1),
                text(row, 2),
                text(row, 3),
                row.get(4, String.class),
                reason,
                row.get(6, String.class),
                frame,
                number(row, 8),
                1,
                whole);
    }

    private static String text(Readable row, int column) {
        String value = row.get(column, String.class);
        return value == null ? "" : value;
    }

    private static long number(Readable row, int column) {
        Long value = row.get(column, Long.class);
        return value == null ? 0 : value;
    }

    /** The same with what is known of all pieces of its frame. */
    LetterKey with(Pieces pieces) {
        boolean truncated = RejectReason.TRUNCATED_FRAME.label().equals(reason);
        return new LetterKey(
                place,
                micros,
                source,
                listener,
                protocol,
                reason,
                format,
                frame,
                pieces.bytes,
                pieces.count,
                pieces.isWhole() && !truncated);
    }

    /**
     * The pieces of a frame that are there.
     *
     * @param last the highest number of one
     * @param announced how many there are, as the last one says; 0 without it
     */
    record Pieces(UUID frame, long count, long last, long announced, long bytes) {

        private boolean isWhole() {
            return count == last && count == announced;
        }
    }

    Instant receivedAt() {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    /** Those that were decoded before they were refused are kept as events. */
    DeadLetter.Format kept() {
        if (format != null) {
            return format.equals("event") ? DeadLetter.Format.EVENT : DeadLetter.Format.FRAME;
        }
        return Stream.of(RejectReason.ROUTED, RejectReason.RULE_FAILED, RejectReason.REFUSED_ROW)
                        .anyMatch(decoded -> decoded.label().equals(reason))
                ? DeadLetter.Format.EVENT
                : DeadLetter.Format.FRAME;
    }

    private Optional<Protocol> spoken() {
        return Stream.of(Protocol.values())
                .filter(known -> known.label().equals(protocol))
                .findFirst();
    }

    /** Whether somebody knows how to read it. */
    boolean isReadable() {
        return kept() == DeadLetter.Format.EVENT || spoken().isPresent();
    }

    DeadLetter letter(byte[] payload) {
        return new DeadLetter(micros, source, listener, spoken(), reason, kept(), payload);
    }
}
