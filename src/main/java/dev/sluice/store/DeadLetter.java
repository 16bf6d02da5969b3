package dev.sluice.store;

import dev.sluice.event.Protocol;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What could not be stored when it came, as it is kept; the pieces of a frame are joined.
 *
 * @param protocol what its shipper spoke; empty where nobody knows
 * @param reason why it was kept, as the table has it
 * @param format whether the payload is a frame, or an event that was decoded already
 */
public record DeadLetter(
        long receivedAtMicros,
        String source,
        String listener,
        Optional<Protocol> protocol,
        @Nullable String reason,
        Format format,
        byte[] payload) {

    /** What the payload is. */
    public enum Format {
        /** A frame as it came. */
        FRAME,
        /** An event as JSON, with its columns. */
        EVENT
    }
}
