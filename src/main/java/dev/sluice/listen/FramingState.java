package dev.sluice.listen;

/** How a conversation stands. */
enum FramingState {
    /** More may come. */
    OPEN,
    /** What was read is not framed to its end, because {@link FrameSink#hasRoom} said no. */
    PENDING,
    /** The conversation is over, by a goodbye. */
    GOODBYE,
    /** The conversation is over, by a mistake of the shipper's. */
    MALFORMED,
    /** What comes now is dropped: the shipper sends it again elsewhere. */
    DROPPING,
    /** The conversation is over, by a bug or for want of memory: nothing of it can be told any more. */
    FAILED
}
