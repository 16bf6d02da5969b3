package dev.sluice.listen.intake;

import dev.sluice.listen.report.ListenObserver.Discard;

/** How a conversation stands. */
public enum FramingState {
    /** More may come. */
    OPEN,
    /** What was read is not framed to its end, because {@link FrameSink#hasRoom} said no. */
    PENDING,
    /** The conversation is over, by a goodbye. */
    GOODBYE,
    /** The conversation is over: the shipper did not prove what it has to before it may send. */
    REFUSED,
    /** The conversation is over, by a mistake of the shipper's. */
    MALFORMED,
    /** What comes now is dropped: the shipper sends it again elsewhere. */
    DROPPING,
    /** The conversation is over, by a bug or for want of memory: nothing of it can be told any more. */
    FAILED;

    /** What becomes of bytes that are read and cannot be framed any more. */
    Discard discard() {
        return switch (this) {
            case OPEN, PENDING -> Discard.INCOMPLETE;
            case GOODBYE -> Discard.GOODBYE;
            case MALFORMED, REFUSED -> Discard.PROTOCOL_ERROR;
            case DROPPING -> Discard.FAREWELL;
            case FAILED -> Discard.FAILED;
        };
    }
}
