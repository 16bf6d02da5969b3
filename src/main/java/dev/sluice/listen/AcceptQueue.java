package dev.sluice.listen;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import java.io.IOException;

/**
 * Connections that the kernel accepted and the event loop has not taken yet. Their shippers may have sent events, and a
 * listening socket that is closed resets them all; Linux has no way to close it to new ones alone.
 */
final class AcceptQueue {

    /**
     * Room for the address of a shipper as Netty's native part writes it: its length, then an IPv6 address with port.
     */
    private static final int ADDRESS_BYTES = 25;

    private AcceptQueue() {}

    /** Hands on all that wait; nothing where the transport is not epoll. On the event loop of {@code listening}. */
    static void takeAll(Channel listening) {
        if (listening.isOpen()
                && listening instanceof EpollServerSocketChannel server
                && server.fd() instanceof Socket queue) {
            try {
                byte[] address = new byte[ADDRESS_BYTES];
                for (int accepted = queue.accept(address); accepted >= 0; accepted = queue.accept(address)) {
                    listening.pipeline().fireChannelRead(new EpollSocketChannel(accepted));
                }
            } catch (IOException refused) {
                listening.pipeline().fireExceptionCaught(refused);
            }
        }
    }
}
