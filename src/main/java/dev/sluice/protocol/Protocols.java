package dev.sluice.protocol;

import dev.sluice.event.Framer;
import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDecoder;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/** Everything that speaks a protocol, by protocol; immutable and shared by all threads. */
public final class Protocols {

    private final ProtocolDecoder syslog;
    private final ProtocolDecoder json;

    /**
     * The protocols with what operators may set.
     *
     * @param zone where times without an offset were written, such as those of RFC 3164
     * @param jsonDepthMax how deeply JSON may be nested, the event's own object included
     */
    public Protocols(ZoneId zone, int jsonDepthMax) {
        LocalZone local = LocalZone.of(zone);
        syslog = new RepairingDecoder(new SyslogDecoder(local));
        json = new RepairingDecoder(new JsonDecoder(local, jsonDepthMax));
    }

    /** A framer for one new connection. */
    public Framer framer(Protocol protocol, int frameBytesMax) {
        return switch (protocol) {
            case SYSLOG -> new SyslogFramer(frameBytesMax);
            case JSON -> new LineFramer(frameBytesMax, false);
        };
    }

    /** The decoder of a protocol; it keeps no state, so that all workers share it. */
    public ProtocolDecoder decoder(Protocol protocol) {
        return switch (protocol) {
            case SYSLOG -> syslog;
            case JSON -> json;
        };
    }

    /**
     * Tells the protocol from the first bytes of a connection; this is the place where every protocol's first byte is
     * listed. White space decides nothing (keep-alives before the first event), so a caller may drop it.
     *
     * @return null while there is nothing but white space
     */
    public @Nullable Protocol detect(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && isSpace(bytes[i])) {
            i++;
        }
        if (i == to) {
            return null;
        }
        return switch (bytes[i]) {
            case '{' -> Protocol.JSON;
            default -> Protocol.SYSLOG;
        };
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }
}
