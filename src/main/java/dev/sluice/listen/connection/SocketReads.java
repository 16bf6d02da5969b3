package dev.sluice.listen.connection;

import static dev.sluice.listen.report.ConnectionFailure.guarded;

import dev.sluice.listen.budget.ReadAllowance;
import dev.sluice.listen.netty.EncryptedReads;
import dev.sluice.listen.netty.HungUpSocket;
import dev.sluice.listen.netty.ResetCheck;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * How a connection asks its socket for a read: of its channel, or of the descriptor itself once the shipper closed its
 * side during a pause (see {@link HungUpSocket}); with TLS through its records. On the connection's event loop only.
 */
record SocketReads(
        ShipperConnection connection,
        Channel channel,
        ReadAllowance allowance,
        @Nullable EncryptedReads encrypted) {

    SocketReads(ShipperConnection connection, Channel channel, ReadAllowance allowance) {
        this(connection, channel, allowance, channel.pipeline().get(EncryptedReads.class));
        if (encrypted != null && HungUpSocket.isEnded(channel)) {
            allowance.hangUpRead(); // its handshake waited for a turn, and Netty may have heard of the end meanwhile
        }
    }

    /** Bytes of an incomplete record of TLS. */
    int heldBytes() {
        return encrypted == null ? 0 : encrypted.heldBytes();
    }

    /** How much one read may take, so that it and what is held fit where frames are cut. */
    int roomBytes() {
        int room = ReadAllowance.READ_BYTES - heldBytes();
        return encrypted == null ? room : Math.min(room, encrypted.nextReadBytes());
    }

    /** Asks for one read. */
    void request() {
        if (allowance.isHungUp()) {
            channel.eventLoop().execute(guarded(channel, this::afterHangUp));
        } else if (encrypted != null) {
            encrypted.request();
        } else {
            channel.read();
        }
    }

    /**
     * Tells the shipper that nothing more is written, and goes on reading.
     *
     * @param isRead whether the shipper reads what it is sent. Nothing else may stand in front of the end of the
     *     stream: rsyslog looks whether the next byte is the end, and never reads one; a shipper that only writes
     *     would, when it closes with something unread, reset the connection and lose what is on its way
     */
    @SuppressWarnings("FutureReturnValueIgnored") // the connection notices by itself when its channel is gone
    void shutdownOutput(boolean isRead) {
        SslHandler tls = isRead ? channel.pipeline().get(SslHandler.class) : null;
        if (tls == null) {
            ((DuplexChannel) channel).shutdownOutput();
        } else {
            tls.closeOutbound().addListener(said -> ((DuplexChannel) channel).shutdownOutput());
        }
    }

    /** How many bytes a read may take that nobody asked for: Netty looks whether the shipper is gone. */
    int uncalledRead() {
        if (ResetCheck.isReset(channel)) {
            allowance.hangUpRead(); // until it is closed nothing asks Netty, which has given the descriptor up
            channel.eventLoop().execute(() -> connection.close(CloseReason.ERROR));
            return 0;
        }
        return allowance.hangUpRead();
    }

    private void afterHangUp() {
        try {
            ByteBuf buffer = connection.isArmed() ? HungUpSocket.read(channel, connection.readBytesMax()) : null;
            if (buffer != null && buffer.isReadable()) {
                channel.pipeline().fireChannelRead(buffer);
            } else if (buffer != null) {
                allowance.notHungUp();
                request();
            } else if (connection.isArmed()) {
                connection.end(CloseReason.SHIPPER);
            }
        } catch (IOException broken) {
            connection.close(CloseReason.ERROR);
        }
    }
}
