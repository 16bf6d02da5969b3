package dev.sluice.listen.tls;

import dev.sluice.event.FirstBytes;
import dev.sluice.listen.admission.Admission;
import dev.sluice.listen.admission.Sources;
import dev.sluice.listen.report.ListenObserver.Refusal;
import dev.sluice.listen.report.StrayClients;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.InetAddress;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The handshake of one connection: three handlers, {@link TlsRecords}, Netty's and {@link TlsPlaintext}, and what comes
 * of them. On the connection's event loop only.
 */
final class TlsSession {

    private static final Logger LOG = LoggerFactory.getLogger(TlsSession.class);

    /** A record with a message of a handshake; no protocol that Sluice reads begins with this byte. */
    private static final int HANDSHAKE = 0x16;

    private final Admission connection;
    private final TlsCredentials credentials;
    private final StrayClients strays;
    private final HandshakeRecords shaking = new HandshakeRecords(this);
    private final TlsRecords records = new TlsRecords(this, shaking);
    private final TlsPlaintext plaintext = new TlsPlaintext(this);
    private @Nullable SslHandler handshake;
    private boolean began;
    private boolean established;

    TlsSession(Admission connection, TlsCredentials credentials, StrayClients strays) {
        this.connection = connection;
        this.strays = strays;
        this.credentials = credentials;
    }

    void begin() {
        connection.setDemand(shaking);
        connection.putInFront("tls-records", records);
        if (!credentials.settings().isOptional()) {
            secure();
        }
    }

    private void secure() {
        SslHandler handler = credentials.newHandler(connection.channel().alloc());
        handshake = handler;
        connection.setTimeLimit(credentials.settings().handshakeTimeout(), Refusal.TLS_TIMEOUT);
        connection.putInFront("tls", handler);
        connection.putInFront("tls-plaintext", plaintext);
    }

    /** Whether the handshake is done. */
    boolean isEstablished() {
        return established;
    }

    /** The addresses that take turns as one. */
    String source() {
        InetAddress address = connection.address();
        return address == null ? "" : Sources.groupOf(address);
    }

    TlsPlaintext plaintext() {
        return plaintext;
    }

    /** Looks at what comes first; returns whether it is for TLS. */
    boolean isHandshake(ByteBuf first) {
        if (began) {
            return true;
        }
        began = true;
        if (first.getByte(first.readerIndex()) == HANDSHAKE) {
            if (handshake == null) {
                secure();
            }
            return true;
        }
        if (handshake != null) {
            InetAddress address = connection.address();
            strays.cameFrom(address == null ? "an unknown address" : address.getHostAddress(), FirstBytes.SHIPPER);
            connection.refuse(Refusal.TLS_PLAINTEXT);
        } else {
            goWithout(first);
        }
        return false;
    }

    private void goWithout(ByteBuf first) {
        Channel channel = connection.channel();
        channel.pipeline().remove(records);
        connection.pass();
        channel.pipeline().fireChannelRead(first.retain());
    }

    /** A peer that closes before sending anything is a probe, not a failed handshake. */
    void shookHands(SslHandshakeCompletionEvent event) {
        Throwable failure = event.cause();
        if (failure == null) {
            succeeded();
        } else if (began || failure instanceof javax.net.ssl.SSLException) {
            LOG.debug("A handshake with {} failed", connection.address(), failure);
            connection.refuse(TlsFailure.of(failure));
        }
    }

    /**
     * Nobody may go on with it: in TLS 1.2 the certificate, which may have ended since, would not be looked at again.
     */
    private void learnFrom(SSLSession session) {
        String name = PeerName.of(session);
        if (name != null) {
            connection.setSubject(name);
        }
        session.invalidate();
    }

    private void succeeded() {
        established = true;
        SslHandler handler = handshake;
        if (handler != null) {
            learnFrom(handler.engine().getSession());
        }
        connection.pass();
    }
}
