package dev.sluice.listen;

import org.jspecify.annotations.Nullable;

/**
 * What a listener needs to know.
 *
 * @param name its name in the configuration: a label, and the column {@code listener}
 * @param host the address to bind
 * @param port the port to bind; 0 takes a free one
 * @param connectionsMax connections beyond this are closed at once
 * @param tls what it speaks TLS with; null where it does not
 */
public record ListenerSettings(
        String name,
        String host,
        int port,
        int connectionsMax,
        @Nullable TlsCredentials tls) {}
