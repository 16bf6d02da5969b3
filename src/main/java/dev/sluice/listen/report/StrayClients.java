package dev.sluice.listen.report;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sluice.event.FirstBytes;
import dev.sluice.event.Reply;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log that something else than shippers comes to a listener, or one that may not send: a line for each
 * kind, then none of that kind for ten minutes, however many come. One a listener.
 */
public final class StrayClients {

    /** What a browser or a health check is told. */
    public static final Reply HTTP_REPLY = new Reply(httpReply(), 0);

    private static final Logger LOG = LoggerFactory.getLogger(StrayClients.class);
    private static final long LOG_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final String listener;
    private final LongSupplier clock;
    private final Map<String, Kind> kinds = new ConcurrentHashMap<>();

    public StrayClients(String listener, LongSupplier clock) {
        this.listener = listener;
        this.clock = clock;
    }

    private static byte[] httpReply() {
        String text = "This port takes log events, not HTTP. Health is at /actuator/health of Sluice's HTTP port.\n";
        return ("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: " + text.length()
                        + "\r\nConnection: close\r\n\r\n" + text)
                .getBytes(US_ASCII);
    }

    /** A client came that is no shipper; text, where TLS is required, is that of a shipper that is not told so. */
    public void cameFrom(String source, FirstBytes client) {
        say(what(client), source, advice(client));
    }

    /** A shipper of Forward came that does not know the shared key, or no password. */
    public void unauthorized(String source) {
        say(
                "Forward without the right shared key or password on",
                source,
                "compare those of the shipper with sluice.listeners." + listener + ".forward");
    }

    private void say(String what, String source, String advice) {
        long now = clock.getAsLong();
        Kind kind = kinds.computeIfAbsent(what, first -> new Kind(now - LOG_NANOS));
        long last = kind.loggedAt.get();
        if (now - last >= LOG_NANOS && kind.loggedAt.compareAndSet(last, now)) {
            LOG.warn(
                    "{} {}, from {}: the connection is closed; {}; {} others since the last such line",
                    what,
                    listener,
                    source,
                    advice,
                    kind.unsaid.sumThenReset());
        } else {
            kind.unsaid.increment();
        }
    }

    private static String what(FirstBytes client) {
        return switch (client) {
            case TLS -> "TLS on the plain port";
            case HTTP -> "HTTP on the port for log events";
            case SSH -> "SSH on the port for log events";
            case REDIS -> "Redis on the port for log events";
            case POSTGRESQL -> "PostgreSQL on the port for log events";
            case SHIPPER, UNDECIDED -> "Plain text on the TLS port";
        };
    }

    private String advice(FirstBytes client) {
        String property = "sluice.listeners." + listener + ".tls.";
        return switch (client) {
            case TLS -> "set " + property + "bundle, or have it send without TLS";
            case HTTP -> "a health check belongs to the HTTP port, or should only connect";
            case SSH, REDIS, POSTGRESQL -> "it is no shipper";
            case SHIPPER, UNDECIDED -> "have it send with TLS, or set " + property + "mode: optional";
        };
    }

    private static final class Kind {
        final AtomicLong loggedAt;
        final LongAdder unsaid = new LongAdder();

        Kind(long loggedAt) {
            this.loggedAt = new AtomicLong(loggedAt);
        }
    }
}
