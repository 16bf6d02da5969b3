package dev.sluice.listen;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;

/** What the state of a socket tells that reading it does not. Known only where the transport is epoll. */
final class HalfClose {

    /** The kernel's numbers for the states of a socket. */
    private static final int TCP_ESTABLISHED = 1;

    private static final int TCP_CLOSE = 7;

    private HalfClose() {}

    /** Whether {@code channel} was reset; the kernel still offers what had arrived, and only behind it the error. */
    static boolean isReset(Channel channel) {
        return channel instanceof EpollSocketChannel socket && socket.tcpInfo().state() == TCP_CLOSE;
    }

    /**
     * Runs {@code resume} when epoll watches {@code channel}. When a shipper closes its side while reads are paused,
     * Netty 4.2.18 has nothing left to watch for, takes the socket out of epoll, forgets that it did, and would close
     * the channel at the next read (epoll_ctl: no such file), with everything unread. Registered anew it reads on.
     */
    @SuppressWarnings("FutureReturnValueIgnored") // a channel that cannot be registered is closed
    static void whenWatched(Channel channel, Runnable resume) {
        if (!(channel instanceof EpollSocketChannel socket)
                || !channel.isActive()
                || socket.tcpInfo().state() == TCP_ESTABLISHED) {
            resume.run();
            return;
        }
        EventLoop loop = channel.eventLoop();
        channel.deregister().addListener(gone -> loop.register(channel).addListener(back -> {
            if (back.isSuccess()) {
                resume.run();
            }
        }));
    }
}
