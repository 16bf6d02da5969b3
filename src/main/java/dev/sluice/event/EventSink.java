package dev.sluice.event;

/**
 * Where a decoder puts what it finds in a frame, one event at a time, so that a frame of many events is never whole.
 */
public interface EventSink {

    /** Takes a decoded event; the flyweight is the caller's again when this returns. */
    void event(LogEvent event);

    /**
     * Takes what cannot be an event: a dead letter.
     *
     * @param detail one sentence for the operator, without bytes of the payload
     */
    void reject(RejectReason reason, String detail, byte[] bytes, int from, int to);

    /**
     * What the delivery is known by within its source: when its shipper sends it again although it was committed, it is
     * acknowledged and not stored again. Only where a frame is a delivery of its own.
     */
    default void identity(byte[] identity) {}

    /** Bytes of what the frame became so far. */
    default long bytes() {
        return 0;
    }

    /** Forgets what the frame became so far. */
    default void takeBack() {
        throw new UnsupportedOperationException("nothing can be taken back");
    }
}
