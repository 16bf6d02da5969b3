package dev.sluice.config;

import dev.sluice.listen.tls.TlsSettings;
import java.time.Duration;
import java.util.Locale;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How a listener speaks TLS.
 *
 * @param bundle the name of an SSL bundle under {@code spring.ssl.bundle}, with the server's certificate and whom it
 *     trusts; empty speaks no TLS
 * @param mode whether shippers without TLS are let in, too: required or optional
 * @param clientAuth whether shippers show a certificate: none, want or need; its name is the source of their events
 * @param handshakeTimeout how long a handshake may take, without the time in which the service does not get to it
 */
public record TlsProperties(
        @DefaultValue("") String bundle,
        @DefaultValue("required") Mode mode,
        @DefaultValue("none") TlsSettings.ClientAuth clientAuth,
        @DefaultValue("10s") Duration handshakeTimeout) {

    private static final Duration TIMEOUT_MIN = Duration.ofMillis(100);
    private static final Duration TIMEOUT_MAX = Duration.ofMinutes(10);

    /** Refuses what would be ignored, so that nobody takes plain TCP for TLS. */
    public TlsProperties {
        if (bundle.isEmpty() && (clientAuth.asks() || mode != Mode.REQUIRED)) {
            throw new IllegalArgumentException("client-auth is " + written(clientAuth) + " and mode " + written(mode)
                    + ", but bundle is empty, expected the name of an SSL bundle under spring.ssl.bundle");
        }
        if (handshakeTimeout.compareTo(TIMEOUT_MIN) < 0 || handshakeTimeout.compareTo(TIMEOUT_MAX) > 0) {
            throw new IllegalArgumentException("handshake-timeout is " + Written.of(handshakeTimeout)
                    + ", expected between " + Written.of(TIMEOUT_MIN) + " and " + Written.of(TIMEOUT_MAX));
        }
    }

    /** Whether shippers without TLS are let in, too. */
    public enum Mode {
        /** They are not. */
        REQUIRED,
        /** They are: the first byte of a connection tells. */
        OPTIONAL
    }

    private static String written(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** Whether TLS is spoken at all. */
    boolean isOn() {
        return !bundle.isEmpty();
    }

    TlsSettings settings() {
        return new TlsSettings(mode == Mode.OPTIONAL, clientAuth, handshakeTimeout);
    }
}
