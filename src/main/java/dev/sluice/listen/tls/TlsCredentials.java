package dev.sluice.listen.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * The certificate that a listener shows, and whom it lets in, as they are now. New connections take the newest; those
 * that are open keep what they began with.
 */
public final class TlsCredentials {

    /**
     * What TLS takes of the heap for one connection: 9 KB were measured with a client's certificate, 13 KB in the midst
     * of a handshake, and the handshake's messages are there twice at most.
     */
    public static final long CONNECTION_BYTES_MAX = 32L << 10;

    /** The longest record of TLS 1.2; those of 1.3 are shorter. */
    public static final int RECORD_BYTES_MAX = 5 + (16 << 10) + 2048;

    /** What a handshake may send; chains of certificates have some kilobytes. */
    static final int HANDSHAKE_BYTES_MAX = 16 << 10;

    private static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");

    /** A session is forgotten as soon as its handshake is done (see {@link TlsSession}); 0 would keep any number. */
    private static final int SESSIONS_MAX = 1;

    /**
     * Longer than a ticket may live, by which the JDK sends none. Shippers that only write never read a ticket, and
     * when they close, the kernel makes a reset of it: what they had sent and we had not read would be lost.
     */
    private static final long SESSION_SECONDS = TimeUnit.DAYS.toSeconds(8);

    // Those of TLS 1.2 have a switch of their own; without it they are announced and then not sent, which OpenSSL
    // takes for a mistake. The JDK looks at it for every context anew.
    static {
        System.setProperty("jdk.tls.server.enableSessionTicketExtension", "false");
    }

    private final TlsSettings settings;
    private volatile Current current;

    private record Current(SslContext context, Instant expiry) {}

    /**
     * Credentials to begin with.
     *
     * @throws IllegalArgumentException when TLS cannot be made of {@code first}
     */
    public TlsCredentials(TlsSettings settings, TlsMaterial first) {
        this.settings = settings;
        current = made(first);
    }

    /**
     * From here on new connections get {@code next}.
     *
     * @throws IllegalArgumentException when TLS cannot be made of it; then everything stays as it is
     */
    public void replace(TlsMaterial next) {
        current = made(next);
    }

    /** When the first certificate of the chain that is shown ends. */
    public Instant expiry() {
        return current.expiry();
    }

    public TlsSettings settings() {
        return settings;
    }

    SslHandler newHandler(ByteBufAllocator allocator) {
        SslHandler handler = current.context().newHandler(allocator);
        handler.setHandshakeTimeoutMillis(0); // a timer counts the time that this service takes, too: see Patience
        return handler;
    }

    private Current made(TlsMaterial material) {
        List<String> versions = material.versions().isEmpty() ? VERSIONS : material.versions();
        if (!VERSIONS.containsAll(versions)) {
            throw new IllegalArgumentException("the protocols are " + versions + ", expected of " + VERSIONS);
        }
        Instant expiry = KeyPairs.expiry(material.keys());
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(material.keys())
                    .sslProvider(SslProvider.JDK)
                    .protocols(versions)
                    .ciphers(material.ciphers().isEmpty() ? null : material.ciphers())
                    .clientAuth(
                            switch (settings.clientAuth()) {
                                case NONE -> ClientAuth.NONE;
                                case WANT -> ClientAuth.OPTIONAL;
                                case NEED -> ClientAuth.REQUIRE;
                            })
                    .sessionCacheSize(SESSIONS_MAX)
                    .sessionTimeout(SESSION_SECONDS);
            if (material.authorities() != null) {
                builder.trustManager(material.authorities());
            }
            return new Current(builder.build(), expiry);
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalArgumentException("no TLS can be made of it: " + e.getMessage(), e);
        }
    }
}
