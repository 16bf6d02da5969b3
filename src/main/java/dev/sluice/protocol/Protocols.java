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
    private final ProtocolDecoder lumberjack;

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
        lumberjack = new LumberjackDecoder(json);
    }

    /** A framer for one new connection. */
    public Framer framer(Protocol protocol, int frameBytesMax) {
        return switch (protocol) {
            case SYSLOG -> new SyslogFramer(frameBytesMax);
            case JSON -> new LineFramer(frameBytesMax, LineFramer.End.LF);
            case GELF -> new LineFramer(frameBytesMax, LineFramer.End.NUL);
            case RELP -> new RelpFramer(frameBytesMax);
            case LUMBERJACK -> new LumberjackFramer(frameBytesMax);
        };
    }

    /** The decoder of a protocol; it keeps no state, so that all workers share it. */
    public ProtocolDecoder decoder(Protocol protocol) {
        return switch (protocol) {
            case SYSLOG, RELP -> syslog;
            case JSON, GELF -> json;
            case LUMBERJACK -> lumberjack;
        };
    }

    /**
     * Tells the protocol from the first bytes of a connection. White space decides nothing (keep-alives before the
     * first event), so a caller may drop it.
     *
     * @param last whether there will be no more, so that it must be decided now
     * @return null while more bytes are needed
     */
    public @Nullable Protocol detect(byte[] bytes, int from, int to, boolean last) {
        return Detection.detect(bytes, from, to, last);
    }
}
