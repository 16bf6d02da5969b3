package dev.sluice.event;

/**
 * Turns the payload of one frame into events. A pure function of bytes, shared by all workers: it never throws on bad
 * input, bounds what it allocates by the frame's length, and keeps no state of its own.
 */
public interface ProtocolDecoder {

    /**
     * Decodes {@code bytes[from, to)}.
     *
     * @param event the worker's flyweight, {@link LogEvent#reset reset} by the caller with the time of the read
     */
    void decode(byte[] bytes, int from, int to, LogEvent event, EventSink sink);
}
