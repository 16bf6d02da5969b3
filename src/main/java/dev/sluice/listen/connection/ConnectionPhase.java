package dev.sluice.listen.connection;

/** How far a shipper's connection is in its life; {@link GateState} is what comes before. */
enum ConnectionPhase {
    /** It reads, or waits to read. */
    OPEN,
    /** Sluice wants to end it: it reads on, and is half-closed when what was read before is answered. */
    ENDING,
    /** Its shipper was shown the end of the stream; what it still sends is read. */
    HALF_CLOSED,
    /** Nothing more will be read; it is closed when everything is answered. */
    ANSWERING,
    /** It is closed, or about to be. */
    CLOSED;

    /** Whether what the shipper sends is read. */
    boolean isReading() {
        return this != ANSWERING && this != CLOSED;
    }

    /** Whether Sluice wants to end it, and its shipper did not end it yet. */
    boolean isLeaving() {
        return this == ENDING || this == HALF_CLOSED;
    }
}
