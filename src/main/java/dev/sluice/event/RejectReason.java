package dev.sluice.event;

import java.util.Locale;

/** Why an event became a dead letter. Also the bounded value of the {@code reason} label. */
public enum RejectReason {
    /** The frame is longer than the listener's {@code max-frame}; each piece of it is one. */
    OVERSIZE_FRAME("The frame is longer than max-frame; the payload is a piece of it."),
    /** The connection ended inside a frame whose length had been announced. */
    TRUNCATED_FRAME("The connection ended inside the frame."),
    /** A line of a JSON connection that is not one JSON object. */
    MALFORMED_JSON("The line is not one JSON object."),
    /** A Forward message or an entry of one that is none, or that cannot be inflated. */
    MALFORMED_FORWARD("The frame is no Forward message."),
    /** JSON nested deeper than the decoder's bound. */
    NESTED_TOO_DEEP("The JSON is nested too deep."),
    /** A decoder threw: a mistake of ours. */
    DECODER_FAILED("The decoder failed."),
    /** A rule that routes to the dead letters; the payload is the event as it would have been stored. */
    ROUTED("A rule sent it here."),
    /** A rule threw: a mistake of ours. */
    RULE_FAILED("A rule failed."),
    /** PostgreSQL refused the row or ended the session over it. */
    REFUSED_ROW("PostgreSQL refused the row.");

    private final String label = name().toLowerCase(Locale.ROOT);
    private final String detail;

    RejectReason(String detail) {
        this.detail = detail;
    }

    /** What to tell the operator when nothing more exact is known. */
    public String detail() {
        return detail;
    }

    /** The name in metrics and in {@code dead_letter.reason}. */
    public String label() {
        return label;
    }
}
