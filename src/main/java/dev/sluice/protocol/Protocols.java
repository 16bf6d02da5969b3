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
    private final ProtocolDecoder forward;
    private final ForwardLimits forwardLimits;

    /** The protocols with the default limits of Forward. */
    public Protocols(ZoneId zone, int jsonDepthMax) {
        this(zone, jsonDepthMax, ForwardLimits.DEFAULT, true);
    }

    /**
     * The protocols with what operators may set.
     *
     * @param zone where times without an offset were written, such as those of RFC 3164
     * @param jsonDepthMax how deeply JSON may be nested, the event's own object included
     * @param rememberChunks whether Forward chunks that are sent again are recognised
     */
    public Protocols(ZoneId zone, int jsonDepthMax, ForwardLimits forwardLimits, boolean rememberChunks) {
        LocalZone local = LocalZone.of(zone);
        this.forwardLimits = forwardLimits;
        syslog = new RepairingDecoder(new SyslogDecoder(local));
        JsonDecoder text = new JsonDecoder(local, jsonDepthMax);
        json = new RepairingDecoder(text);
        forward = new ForwardDecoder(json, text, jsonDepthMax, forwardLimits, rememberChunks);
    }

    /** A framer for one new connection that anybody may open. */
    public Framer framer(Protocol protocol, int frameBytesMax) {
        return framer(protocol, frameBytesMax, null);
    }

    /**
     * A framer for one new connection.
     *
     * @param security what Forward demands of its shippers, or null
     */
    public Framer framer(Protocol protocol, int frameBytesMax, @Nullable ForwardSecurity security) {
        return switch (protocol) {
            case SYSLOG -> new SyslogFramer(frameBytesMax);
            case JSON -> new LineFramer(frameBytesMax, false);
            case FORWARD -> new ForwardFramer(forwardLimits, security == null ? null : new ForwardHandshake(security));
        };
    }

    /** The decoder of a protocol; it keeps no state, so that all workers share it. */
    public ProtocolDecoder decoder(Protocol protocol) {
        return switch (protocol) {
            case SYSLOG -> syslog;
            case JSON -> json;
            case FORWARD -> forward;
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
        return switch (bytes[i] & 0xFF) {
            case '{' -> Protocol.JSON;
            // A nil, or an array of two to four or of a length that follows: none of them begins a text.
            case 0xC0, 0x92, 0x93, 0x94, 0xDC, 0xDD -> Protocol.FORWARD;
            default -> Protocol.SYSLOG;
        };
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }
}
