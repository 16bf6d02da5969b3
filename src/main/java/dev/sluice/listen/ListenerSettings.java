package dev.sluice.listen;

import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.admission.Network;
import dev.sluice.listen.tls.TlsCredentials;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a listener needs to know.
 *
 * @param name its name in the configuration: a label, and the column {@code listener}
 * @param host the address to bind
 * @param port the port to bind; 0 takes a free one
 * @param limits what its connections may do
 * @param proxies the networks of proxies that say where a connection comes from, empty for any; null where none does
 * @param tls what it speaks TLS with; null where it does not
 */
public record ListenerSettings(
        String name,
        String host,
        int port,
        Limits limits,
        @Nullable List<Network> proxies,
        @Nullable TlsCredentials tls) {

    /** All that bounds the time of a connection. */
    List<Duration> timeLimits() {
        Limits.Times times = limits.times();
        Duration handshake = tls == null ? Duration.ZERO : tls.settings().handshakeTimeout();
        return List.of(times.firstByte(), times.idle(), times.age(), handshake);
    }
}
