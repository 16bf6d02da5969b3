package dev.sluice;

import dev.sluice.event.Protocol;
import dev.sluice.protocol.ForwardLimits;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * What operators write under {@code sluice}. The database is {@code spring.r2dbc.*}.
 *
 * @param listeners the ports that shippers connect to, by name; one called {@code main} when none is given
 * @param pipeline memory, workers and shutdown
 * @param store how rows are written and kept
 * @param syslog how syslog is read
 * @param json how JSON is read
 * @param forward how Fluentd's Forward protocol is read
 */
@Validated
@ConfigurationProperties("sluice")
public record SluiceProperties(
        @DefaultValue Map<String, @Valid Listener> listeners,
        @DefaultValue @Valid Pipeline pipeline,
        @DefaultValue @Valid Store store,
        @DefaultValue @Valid Syslog syslog,
        @DefaultValue @Valid Json json,
        @DefaultValue @Valid Forward forward) {

    /** The listener when none is configured. */
    private static final Listener MAIN = new Listener(
            "0.0.0.0", 5140, ListenerProtocol.AUTO, 10_000, DataSize.ofKilobytes(256), Security.NONE, Map.of());

    /** Fills in the default listener. */
    public SluiceProperties {
        listeners = listeners.isEmpty() ? Map.of("main", MAIN) : Map.copyOf(listeners);
    }

    /** What bounds a Forward message; an event in one is as long as the longest frame of any listener. */
    ForwardLimits forwardLimits() {
        long eventBytesMax = listeners.values().stream()
                .mapToLong(listener -> listener.maxFrame().toBytes())
                .max()
                .orElseThrow();
        return new ForwardLimits(
                Math.toIntExact(forward.maxChunk().toBytes()),
                Math.toIntExact(forward.maxInflated().toBytes()),
                Math.toIntExact(eventBytesMax));
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

    /**
     * A port that shippers connect to.
     *
     * @param host the address to bind
     * @param port the port to bind; 0 takes a free one
     * @param protocol what shippers speak: auto, syslog, json, gelf, relp, lumberjack or forward
     * @param maxConnections connections at a time; more are closed at once and counted
     * @param maxFrame the longest frame, in bytes; a longer one becomes a dead letter
     * @param forward whom a Forward listener lets in
     * @param tls not in this version: refused, so that nobody takes plain TCP for TLS
     */
    public record Listener(
            @DefaultValue("0.0.0.0") String host,
            @DefaultValue("5140") @Min(0) @Max(65535) int port,
            @DefaultValue("auto") ListenerProtocol protocol,
            @DefaultValue("10000") @Min(1) int maxConnections,
            @DefaultValue("256KB") @NotNull DataSize maxFrame,
            @DefaultValue @Valid Security forward,
            @DefaultValue Map<String, String> tls) {

        private static final DataSize FRAME_MIN = DataSize.ofKilobytes(1);
        private static final DataSize FRAME_MAX = DataSize.ofMegabytes(16);

        /** Refuses frame sizes that cannot work, and a greeting that would confuse the other protocols. */
        public Listener {
            requireBetween("max-frame", maxFrame, FRAME_MIN, FRAME_MAX);
            if (!tls.isEmpty()) {
                throw new IllegalArgumentException(
                        "tls is set (" + tls.keySet() + "), but this version does not speak TLS:"
                                + " remove it, and put a TLS proxy in front where the network needs one");
            }
            if (!forward.sharedKey().isEmpty() && protocol != ListenerProtocol.FORWARD) {
                throw new IllegalArgumentException("forward.shared-key is set and protocol is "
                        + protocol.name().toLowerCase(Locale.ROOT)
                        + ", expected forward: with a shared key the server speaks first,"
                        + " so the protocol cannot be told from what the shipper sends");
            }
        }

        /** Whether a shipper may send Forward. */
        boolean takesForward() {
            return protocol == ListenerProtocol.AUTO || protocol == ListenerProtocol.FORWARD;
        }
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

        private static final Security NONE = new Security("", Map.of());

        /** Refuses users without a key. */
        public Security {
            users = Map.copyOf(users);
            if (sharedKey.isEmpty() && !users.isEmpty()) {
                throw new IllegalArgumentException(
                        "forward.users are set and forward.shared-key is empty, expected a key: users prove themselves"
                                + " in the same handshake");
            }
        }

        /** The secrets stay out of the log. */
        @Override
        public String toString() {
            return "Security[" + (sharedKey.isEmpty() ? "open" : "shared key, users " + users.keySet()) + "]";
        }
    }

    /**
     * What happens between the sockets and the store.
     *
     * @param memory the budget: bytes read and not yet stored; when it is spent, Sluice reads no more
     * @param workers threads that decode and encode; 0 means one a core
     * @param drainTimeout how long a shutdown reads what shippers still send, before it stops reading and stores
     */
    public record Pipeline(
            @DefaultValue("64MB") DataSize memory,
            @DefaultValue("0") @Min(0) @Max(256) int workers,
            @DefaultValue("15s") Duration drainTimeout) {

        private static final DataSize MEMORY_MIN = DataSize.ofMegabytes(4);
        private static final DataSize MEMORY_MAX = DataSize.ofGigabytes(64);

        /** Refuses a budget in which a frame would not fit. */
        public Pipeline {
            requireBetween("memory", memory, MEMORY_MIN, MEMORY_MAX);
        }

        /** Threads of the worker rail. */
        int workerCount() {
            return workers == 0 ? Runtime.getRuntime().availableProcessors() : workers;
        }
    }

    /**
     * How rows are written and kept.
     *
     * @param lanes connections to PostgreSQL that write, each with one transaction at a time
     * @param batch the most that one transaction writes
     * @param batchDeadline how long a transaction may take before its connection is given up and it is tried again
     * @param retention how long events and dead letters are kept; whole days are dropped
     * @param partitionsAhead how far ahead the daily partitions are made
     * @param ledgerRetention how long committed batches are remembered
     */
    public record Store(
            @DefaultValue("2") @Min(1) @Max(64) int lanes,
            @DefaultValue @Valid Batch batch,
            @DefaultValue("60s") Duration batchDeadline,
            @DefaultValue("30d") Duration retention,
            @DefaultValue("7d") Duration partitionsAhead,
            @DefaultValue("1d") Duration ledgerRetention) {}

    /**
     * The most that one transaction writes. A lane that becomes free takes what has gathered, however little.
     *
     * @param maxEvents rows
     * @param maxBytes bytes of encoded rows
     */
    public record Batch(
            @DefaultValue("20000") @Min(1) @Max(1_000_000) int maxEvents,
            @DefaultValue("8MB") DataSize maxBytes) {

        /** Refuses sizes that cannot work. */
        public Batch {
            requireBetween("max-bytes", maxBytes, DataSize.ofKilobytes(64), DataSize.ofMegabytes(256));
        }
    }

    /**
     * How syslog is read.
     *
     * @param zone where times without an offset were written, such as those of RFC 3164
     */
    public record Syslog(@DefaultValue("UTC") ZoneId zone) {}

    /**
     * How JSON is read.
     *
     * @param maxDepth how deeply objects and arrays may be nested, the event's own object included
     */
    public record Json(@DefaultValue("64") @Min(1) @Max(512) int maxDepth) {}

    /**
     * How Forward is read.
     *
     * @param maxChunk the longest message, as it is on the wire; after a longer one the connection is closed
     * @param maxInflated the most that one message may become, inflated and as rows; a larger one becomes a dead letter
     * @param remember how long a chunk that was committed is known again when its shipper sends it again; 0 does not
     *     remember
     */
    public record Forward(
            @DefaultValue("9MB") DataSize maxChunk,
            @DefaultValue("28MB") DataSize maxInflated,
            @DefaultValue("1d") Duration remember) {

        /** Refuses sizes that cannot work. */
        public Forward {
            requireBetween("max-chunk", maxChunk, DataSize.ofKilobytes(64), DataSize.ofMegabytes(256));
            requireBetween("max-inflated", maxInflated, DataSize.ofMegabytes(1), DataSize.ofMegabytes(1024));
            if (remember.isNegative()) {
                throw new IllegalArgumentException("remember is " + remember + ", expected at least 0");
            }
        }
    }

    private static void requireBetween(String name, DataSize value, DataSize min, DataSize max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException(name + " is " + value + ", expected between " + min + " and " + max);
        }
    }
}
