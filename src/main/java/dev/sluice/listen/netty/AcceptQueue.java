package dev.sluice.listen.netty;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;

/**
 * Connections that the kernel accepted and the event loop has not taken yet. Their shippers may have sent events, and a
 * listening socket that is closed resets them all; Linux has no way to close it to new ones alone.
 */
public final class AcceptQueue {

    private AcceptQueue() {}

    /**
     * Takes {@code most} of them, or all, as if epoll had said so often that there is one; what it says after this
     * comes too late. Nothing where the transport is not epoll. On the event loop of {@code listening}.
     */
    public static void take(Channel listening, int most) {
        if (listening.isOpen() && listening.unsafe() instanceof EpollIoHandle accepts) {
            EpollIoEvent oneWaits = () -> EpollIoOps.EPOLLIN;
            for (int n = 0; n < most; n++) { // when none is left, each of the others is one call of the kernel
                accepts.handle(null, oneWaits);
            }
        }
    }
}
