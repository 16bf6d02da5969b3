package dev.sluice.listen.netty;

import io.netty.channel.ChannelHandler;

/** The handler of a channel that stands between its socket and what is read of it. On its event loop only. */
public interface EncryptedReads extends ChannelHandler {

    /** Bytes that it keeps because more is needed to decrypt them. */
    int heldBytes();

    /** How much the next read should take, whatever there is room for. */
    int nextReadBytes();

    /** Asks the socket for a read. */
    void request();
}
