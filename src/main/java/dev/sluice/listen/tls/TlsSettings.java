package dev.sluice.listen.tls;

import java.time.Duration;

/**
 * How a listener speaks TLS.
 *
 * @param isOptional whether shippers without TLS are let in, too; told from their first byte
 * @param clientAuth whether shippers prove who they are
 * @param handshakeTimeout how long a handshake may take, without the time in which the service does not get to it
 */
public record TlsSettings(boolean isOptional, ClientAuth clientAuth, Duration handshakeTimeout) {

    /** Whether shippers prove who they are, by a certificate. */
    public enum ClientAuth {
        /** They are not asked to. */
        NONE,
        /** A certificate is verified if there is one. */
        WANT,
        /** Without a certificate that is verified there is no connection. */
        NEED;

        /** Whether a certificate is verified if there is one. */
        public boolean asks() {
            return this != NONE;
        }
    }
}
