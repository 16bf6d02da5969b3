package dev.sluice.listen.netty;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;

/**
 * Tells a connection that was reset from one that was closed in good order. Reading does not tell: the kernel still
 * offers what had arrived before the reset, and only after it the error.
 */
public final class ResetCheck {

    /** The kernel's number for the state of a socket that was reset; after a close in good order it is another. */
    private static final int TCP_CLOSE = 7;

    private ResetCheck() {}

    /** Whether {@code channel} was reset; never known where the transport is not epoll, or it is closed here. */
    public static boolean isReset(Channel channel) {
        // A socket that both sides closed in good order has the same state, with what it received still to be read.
        return channel instanceof EpollSocketChannel socket
                && socket.isOpen()
                && !socket.isOutputShutdown()
                && socket.tcpInfo().state() == TCP_CLOSE;
    }
}
