package dev.sluice.listen.intake;

import dev.sluice.event.FirstBytes;
import dev.sluice.event.Framer;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDetector;
import org.jspecify.annotations.Nullable;

/**
 * What one connection speaks, by its first bytes: what is certainly no shipper is framed as nothing, whatever protocol
 * its listener has. On the connection's event loop only.
 */
final class ProtocolChoice {

    private static final byte[] NOTHING = new byte[0];

    private final Framing framing;
    private final ProtocolDetector detector;
    private Origin origin;
    private FirstBytes first = FirstBytes.UNDECIDED;
    private @Nullable Framer framer;

    ProtocolChoice(Framing framing, Origin undetected) {
        this.framing = framing;
        origin = undetected;
        detector = framing.detector();
    }

    /** Who sends; the protocol is a guess until the first bytes told. */
    Origin origin() {
        return origin;
    }

    /** What the client is, as far as that is known. */
    FirstBytes firstBytes() {
        return first;
    }

    /** The framer, if it is known. */
    @Nullable
    Framer framer() {
        return framer;
    }

    /** Bytes that the framer holds between two reads. */
    int heldBytes() {
        return framer == null ? 0 : framer.heldBytes();
    }

    /** Bytes that the framer took and made nothing of yet. */
    int unframedBytes() {
        return framer == null ? 0 : framer.unframedBytes();
    }

    /** The framer of a listener that has only one. */
    @Nullable
    Framer beforeAnything() {
        return detect(NOTHING, 0, 0, false);
    }

    /** The framer of a connection that began with {@code bytes[from, to)}, unless they do not tell or are foreign. */
    @Nullable
    Framer of(byte[] bytes, int from, int to, boolean last) {
        if (first == FirstBytes.UNDECIDED) {
            first = framing.firstBytes(bytes, from, to);
            first = first == FirstBytes.UNDECIDED && last ? FirstBytes.SHIPPER : first;
        }
        if (first != FirstBytes.SHIPPER) {
            return null;
        }
        return framer == null ? detect(bytes, from, to, last) : framer;
    }

    /** Nothing more will come. */
    void close() {
        if (framer != null) {
            framer.close();
        }
    }

    private @Nullable Framer detect(byte[] bytes, int from, int to, boolean last) {
        Protocol protocol = detector.detect(bytes, from, to, last);
        if (protocol == null && last) {
            protocol = origin.protocol();
        }
        if (protocol != null) {
            origin = Origin.of(origin.listener(), origin.source(), protocol);
            framer = framing.framer(protocol);
        }
        return framer;
    }
}
