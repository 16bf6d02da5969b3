package dev.sluice.listen.intake;

import dev.sluice.event.FirstBytes;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.Reply;
import dev.sluice.listen.report.ListenObserver.Discard;

/** Takes what a read brought. */
public interface FrameSink {
    /** Takes the frames that a read completed, or a part of them when they are very many. */
    void deliver(FramedRead read, Origin origin, long readNanos, long receivedAtMicros);

    /** How many frames it takes at once. */
    default int framesMax() {
        return FramedRead.FRAMES_MAX;
    }

    /** Takes a reply that waits for no frame. */
    void reply(Protocol protocol, Reply reply);

    /** The client is no shipper, so that nothing of it is framed; {@link #discarded} follows. */
    default void foreign(Origin origin, FirstBytes client) {}

    /** The shipper did not prove what it has to before it may send. */
    default void refused(Origin origin) {}

    /** Bytes that were read come to nothing. */
    void discarded(Origin origin, Discard why, int bytes);

    /**
     * Whether more can be taken at once, and {@code bytes} be held meanwhile; asked between the parts of a read, and
     * before a framer takes memory.
     */
    boolean hasRoom(int bytes);
}
