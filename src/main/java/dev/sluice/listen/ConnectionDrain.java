package dev.sluice.listen;

import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;

/**
 * Half-closes a connection behind its last reply, so that the shipper goes elsewhere, and ends it when nothing more
 * comes. On the connection's event loop only.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the connection notices by itself when its channel is gone
record ConnectionDrain(ShipperConnection connection, Channel channel, SocketReads socket, Replies replies) {

    private static final long QUIET_MILLIS = 500;

    void start() {
        replies.whenAnswered(socket::shutdownOutput);
        lookLater(); // however long it has been quiet, it had no chance yet to answer the half-close
    }

    private void closeWhenQuiet() {
        if (replies.isIdle() && connection.reading().isQuietFor(TimeUnit.MILLISECONDS.toNanos(QUIET_MILLIS))) {
            connection.closeForDrain();
        } else if (channel.isOpen()) {
            lookLater();
        }
    }

    private void lookLater() {
        channel.eventLoop().schedule(this::closeWhenQuiet, QUIET_MILLIS, TimeUnit.MILLISECONDS);
    }
}
