package dev.sluice.protocol.line;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.event.EventSink;
import dev.sluice.event.LogEvent;
import dev.sluice.event.ProtocolDecoder;
import dev.sluice.text.Utf8;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Stands before the decoders of text, so that they see nothing PostgreSQL refuses. A frame with NUL or invalid UTF-8 is
 * decoded from a repaired copy, and its own bytes are kept in base64 as the attribute {@code sluice.original}.
 */
public final class RepairingDecoder implements ProtocolDecoder {

    private static final byte[] ORIGINAL = "sluice.original".getBytes(US_ASCII);

    private final TextDecoder text;

    public RepairingDecoder(TextDecoder text) {
        this.text = text;
    }

    @Override
    public void decode(byte[] bytes, int from, int to, LogEvent event, EventSink sink) {
        boolean clean = Utf8.isClean(bytes, from, to);
        Rejection refusal = clean ? text.decode(bytes, from, to, event) : decodeRepaired(bytes, from, to, event);
        if (refusal == null) {
            sink.event(event);
        } else {
            sink.reject(refusal.reason(), refusal.detail(), bytes, from, to);
        }
    }

    /** The copy stays whole while the decoder appends to the same scratch space: growing leaves the old array alone. */
    private @Nullable Rejection decodeRepaired(byte[] bytes, int from, int to, LogEvent event) {
        int start = event.scratch().size();
        Utf8.repair(bytes, from, to, event.scratch());
        Rejection refusal =
                text.decode(event.scratch().array(), start, event.scratch().size(), event);
        if (refusal == null) {
            keepOriginal(bytes, from, to, event);
        }
        return refusal;
    }

    /** Writes the attribute that holds the frame as it came; of two, the later one counts. */
    public static void keepOriginal(byte[] bytes, int from, int to, LogEvent event) {
        byte[] original = Base64.getEncoder().encode(Arrays.copyOfRange(bytes, from, to));
        event.attributes().key(ORIGINAL).string(original, 0, original.length);
    }
}
