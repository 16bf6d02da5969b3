package dev.sluice.listen;

import dev.sluice.listen.ListenObserver.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.io.IOException;

/**
 * How a connection asks its socket for a read: of its channel, or of the descriptor itself once the shipper closed its
 * side during a pause (see {@link HungUpSocket}). On the connection's event loop only.
 */
record SocketReads(ShipperConnection connection, Channel channel, ReadAllowance allowance) {

    /** Asks for one read. */
    void request() {
        if (allowance.isHungUp()) {
            channel.eventLoop().execute(this::afterHangUp);
        } else {
            channel.read();
        }
    }

    /** Takes a pending read back: Netty's only public way is the edge of auto-read. */
    void takeBack() {
        channel.config().setAutoRead(true);
        channel.config().setAutoRead(false);
    }

    /** How many bytes a read may take that nobody asked for: Netty looks whether the shipper is gone. */
    int uncalledRead() {
        if (ResetCheck.isReset(channel)) {
            channel.eventLoop().execute(() -> connection.close(CloseReason.ERROR));
            return 0;
        }
        return allowance.hangUpRead();
    }

    private void afterHangUp() {
        try {
            ByteBuf buffer = connection.isArmed() ? HungUpSocket.read(channel, allowance.nextRead()) : null;
            if (buffer != null && buffer.isReadable()) {
                channel.pipeline().fireChannelRead(buffer);
            } else if (buffer != null) {
                allowance.notHungUp();
                channel.read();
            } else if (connection.isArmed()) {
                connection.end(CloseReason.SHIPPER);
            }
        } catch (IOException broken) {
            connection.close(CloseReason.ERROR);
        }
    }
}
