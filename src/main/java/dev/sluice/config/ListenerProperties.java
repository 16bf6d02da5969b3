package dev.sluice.config;

import dev.sluice.event.Protocol;
import dev.sluice.listen.admission.Network;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

/**
 * A port that shippers connect to.
 *
 * @param host the address to bind
 * @param port the port to bind; 0 takes a free one
 * @param protocol what shippers speak: auto, syslog, json, gelf, relp, lumberjack or forward
 * @param maxConnections connections at a time; more are closed at once and counted; 0 takes as many as the JVM's memory
 *     has room for, up to 10,000
 * @param maxConnectionsPerSource connections of one address at a time, of IPv6 of one /64; 0 sets no limit
 * @param allow networks that may connect, such as 10.0.0.0/8 or fd00::/8; empty lets everybody in
 * @param maxRate bytes a second of one address, of IPv6 of one /64; a faster one is read more slowly, and loses
 *     nothing; 0 sets no limit
 * @param maxFrame the longest frame, in bytes; a longer one becomes a dead letter
 * @param joinLines how many lines of syslog or text may become one event: a line without a header that begins with a
 *     blank, or as stack traces go on, belongs to the line before it; 0 joins none
 * @param firstByteTimeout how long a new connection may be silent before it is closed; 0 waits for ever, as health
 *     checks and shippers that connect ahead need it
 * @param idleTimeout how long a connection may send nothing while nothing is due to it; it is half-closed then, and
 *     closed when its shipper is; 0 waits for ever
 * @param maxAge how old a connection becomes, or up to a fifth less, before its shipper is sent to connect anew; 0 sets
 *     no limit
 * @param proxyProtocol whether a proxy in front says where a connection comes from, by PROXY protocol 1 or 2: off or
 *     required
 * @param proxyProtocolFrom networks of the proxies that are believed; empty believes every peer
 * @param forward whom a Forward listener lets in
 * @param tls whether and how it speaks TLS
 */
public record ListenerProperties(
        @DefaultValue("0.0.0.0") String host,
        @DefaultValue("5140") @Min(0) @Max(65535) int port,
        @DefaultValue("auto") ListenerProtocol protocol,
        @DefaultValue("0") @Min(0) int maxConnections,
        @DefaultValue("0") @Min(0) int maxConnectionsPerSource,
        @DefaultValue List<Network> allow,
        @DefaultValue("0B") DataSize maxRate,
        @DefaultValue("256KB") @NotNull DataSize maxFrame,
        @DefaultValue("0") @Min(0) @Max(10000) int joinLines,
        @DefaultValue("0s") Duration firstByteTimeout,
        @DefaultValue("0s") Duration idleTimeout,
        @DefaultValue("0s") Duration maxAge,
        @DefaultValue("off") ProxyProtocol proxyProtocol,
        @DefaultValue List<Network> proxyProtocolFrom,
        @DefaultValue @Valid Security forward,
        @DefaultValue @Valid TlsProperties tls) {

    private static final DataSize FRAME_MIN = DataSize.ofKilobytes(1);
    private static final DataSize FRAME_MAX = DataSize.ofMegabytes(16);
    private static final DataSize RATE_MIN = DataSize.ofKilobytes(1);
    private static final DataSize RATE_MAX = DataSize.ofGigabytes(100);
    private static final Duration TIME_MIN = Duration.ofMillis(100);
    private static final Duration TIME_MAX = Duration.ofDays(365);

    /** Refuses what cannot work, and a greeting that would confuse the other protocols. */
    public ListenerProperties {
        allow = List.copyOf(allow);
        proxyProtocolFrom = List.copyOf(proxyProtocolFrom);
        SluiceProperties.requireBetween("max-frame", maxFrame, FRAME_MIN, FRAME_MAX);
        if (maxRate.toBytes() != 0) {
            SluiceProperties.requireBetween("max-rate", maxRate, RATE_MIN, RATE_MAX);
        }
        requireOffOrLong("first-byte-timeout", firstByteTimeout);
        requireOffOrLong("idle-timeout", idleTimeout);
        requireOffOrLong("max-age", maxAge);
        if (proxyProtocol == ProxyProtocol.OFF && !proxyProtocolFrom.isEmpty()) {
            throw new IllegalArgumentException("proxy-protocol-from is " + proxyProtocolFrom
                    + " and proxy-protocol is off, expected required: nobody is believed without it");
        }
        if (!forward.sharedKey().isEmpty() && tls.mode() == TlsProperties.Mode.OPTIONAL) {
            throw new IllegalArgumentException("forward.shared-key is set and tls.mode is optional, expected required:"
                    + " with a shared key the server speaks first, so it has to know beforehand whether to use TLS");
        }
        if (!forward.sharedKey().isEmpty() && protocol != ListenerProtocol.FORWARD) {
            throw new IllegalArgumentException("forward.shared-key is set and protocol is "
                    + protocol.name().toLowerCase(Locale.ROOT)
                    + ", expected forward: with a shared key the server speaks first,"
                    + " so the protocol cannot be told from what the shipper sends");
        }
    }

    private static void requireOffOrLong(String name, Duration value) {
        if (!value.isZero() && (value.compareTo(TIME_MIN) < 0 || value.compareTo(TIME_MAX) > 0)) {
            throw new IllegalArgumentException(name + " is " + Written.of(value) + ", expected 0 or between "
                    + Written.of(TIME_MIN) + " and " + Written.of(TIME_MAX));
        }
    }

    /** The listener when none is configured. */
    static ListenerProperties byDefault() {
        return new Binder(new MapConfigurationPropertySource()).bindOrCreate("main", ListenerProperties.class);
    }

    /** The proxies that are believed, or null where a connection comes from the address of its socket. */
    public @Nullable List<Network> proxies() {
        return proxyProtocol == ProxyProtocol.OFF ? null : proxyProtocolFrom;
    }

    /** Whether a shipper may send Forward. */
    boolean takesForward() {
        return protocol == ListenerProtocol.AUTO || protocol == ListenerProtocol.FORWARD;
    }

    /** Whether a line of syslog that somebody types is an event here. */
    public boolean takesPlainLines() {
        return (protocol == ListenerProtocol.AUTO || protocol == ListenerProtocol.SYSLOG)
                && proxies() == null
                && (!tls.isOn() || tls.mode() == TlsProperties.Mode.OPTIONAL);
    }

    /** What a listener expects its shippers to speak. */
    public enum ListenerProtocol {
        /** Told from the first bytes of each connection. */
        AUTO,
        /** Syslog, RFC 5424 or RFC 3164. */
        SYSLOG,
        /** One JSON object a line. */
        JSON,
        /** GELF over TCP. */
        GELF,
        /** RELP, with an answer when a message is stored. */
        RELP,
        /** Lumberjack, as Beats and Logstash speak it, with an acknowledgement when a window is stored. */
        LUMBERJACK,
        /** Forward, as Fluentd, Fluent Bit and Docker speak it, with an acknowledgement when a chunk is stored. */
        FORWARD;

        /** The protocol, when it is not to be detected. */
        Optional<Protocol> fixed() {
            return this == AUTO ? Optional.empty() : Optional.of(Protocol.valueOf(name()));
        }
    }

    /** Whether a proxy in front says where a connection comes from. */
    public enum ProxyProtocol {
        /** It comes from the address of the socket. */
        OFF,
        /** Every connection begins with a header; one that does not is closed. */
        REQUIRED
    }

    /**
     * Whom a Forward listener lets in.
     *
     * @param sharedKey what shippers must know; empty lets everybody in
     * @param users passwords by user name; if there are any, shippers must know one of them, too
     */
    public record Security(
            @DefaultValue("") String sharedKey,
            @DefaultValue Map<String, String> users) {

        /** Refuses users without a key. */
        public Security {
            users = Map.copyOf(users);
            if (sharedKey.isEmpty() && !users.isEmpty()) {
                throw new IllegalArgumentException(
                        "users are set and shared-key is empty, expected a key: users prove themselves"
                                + " in the same handshake");
            }
        }

        /** The secrets stay out of the log. */
        @Override
        public String toString() {
            return "Security[" + (sharedKey.isEmpty() ? "open" : "shared key, users " + users.keySet()) + "]";
        }
    }
}
