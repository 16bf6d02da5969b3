package dev.sluice.protocol;

import dev.sluice.event.FirstBytes;
import dev.sluice.event.Framer;
import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDecoder;
import dev.sluice.event.ProtocolDetector;
import dev.sluice.protocol.forward.ForwardDecoder;
import dev.sluice.protocol.forward.ForwardFramer;
import dev.sluice.protocol.forward.ForwardHandshake;
import dev.sluice.protocol.forward.ForwardLimits;
import dev.sluice.protocol.forward.ForwardSecurity;
import dev.sluice.protocol.json.JsonDecoder;
import dev.sluice.protocol.json.KeptEventDecoder;
import dev.sluice.protocol.json.ObjectFramer;
import dev.sluice.protocol.line.RepairingDecoder;
import dev.sluice.protocol.lumberjack.LumberjackDecoder;
import dev.sluice.protocol.lumberjack.LumberjackFramer;
import dev.sluice.protocol.relp.RelpFramer;
import dev.sluice.protocol.syslog.SyslogDecoder;
import dev.sluice.protocol.syslog.SyslogFramer;
import dev.sluice.text.LocalZone;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/** Everything that speaks a protocol, by protocol; immutable and shared by all threads. */
public final class Protocols {

    private final ProtocolDecoder syslog;
    private final ProtocolDecoder json;
    private final ProtocolDecoder lumberjack;
    private final ProtocolDecoder forward;
    private final ProtocolDecoder keptEvents = new KeptEventDecoder();
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
        lumberjack = new LumberjackDecoder(json);
        forward = new ForwardDecoder(json, text, jsonDepthMax, forwardLimits, rememberChunks);
    }

    /** A framer for one new connection that anybody may open. */
    public Framer framer(Protocol protocol, int frameBytesMax) {
        return framer(protocol, frameBytesMax, 0, null);
    }

    /**
     * A framer for one new connection.
     *
     * @param linesMax how many lines of text may become one event; fewer than 2 join none
     * @param security what Forward demands of its shippers, or null
     */
    public Framer framer(Protocol protocol, int frameBytesMax, int linesMax, @Nullable ForwardSecurity security) {
        return switch (protocol) {
            case SYSLOG -> new SyslogFramer(frameBytesMax, linesMax);
            case JSON -> ObjectFramer.lines(frameBytesMax);
            case GELF -> ObjectFramer.gelf(frameBytesMax);
            case RELP -> new RelpFramer(frameBytesMax);
            case LUMBERJACK -> new LumberjackFramer(frameBytesMax);
            case FORWARD -> new ForwardFramer(forwardLimits, security == null ? null : new ForwardHandshake(security));
        };
    }

    /** The decoder of a protocol; it keeps no state, so that all workers share it. */
    public ProtocolDecoder decoder(Protocol protocol) {
        return switch (protocol) {
            case SYSLOG, RELP -> syslog;
            case JSON, GELF -> json;
            case LUMBERJACK -> lumberjack;
            case FORWARD -> forward;
        };
    }

    /** The most bytes of heap that decoding this Forward message takes, its rows included. */
    public long forwardBytesMax(byte[] message) {
        return forwardLimits.decodedBytesMax(message);
    }

    /** The decoder of events that dead letters keep as JSON. */
    public ProtocolDecoder keptEvents() {
        return keptEvents;
    }

    /** What the first bytes of a connection show of its client. */
    public FirstBytes firstBytes(byte[] bytes, int from, int to) {
        return ForeignClients.look(bytes, from, to);
    }

    /** What tells the protocol of one new connection. */
    public ProtocolDetector detector() {
        return new Detection();
    }
}
