package dev.sluice.event;

import java.util.Locale;

/** Why an event became a dead letter. Also the bounded value of the {@code reason} label. */
public enum RejectReason {
    /** The frame is longer than the listener's {@code max-frame}; its first bytes are kept. */
    OVERSIZE_FRAME,
    /** The connection ended inside a frame whose length had been announced. */
    TRUNCATED_FRAME,
    /** A line of a JSON connection that is not one JSON object. */
    MALFORMED_JSON,
    /** JSON nested deeper than the decoder's bound. */
    NESTED_TOO_DEEP,
    /** PostgreSQL refused the row (SQLSTATE class 22 or 23). */
    REFUSED_ROW;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in metrics and in {@code dead_letter.reason}. */
    public String label() {
        return label;
    }
}
