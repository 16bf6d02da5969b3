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
}
