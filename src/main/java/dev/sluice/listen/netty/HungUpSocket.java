package dev.sluice.listen.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A socket whose shipper closed its side while reads were paused. Netty has taken it out of epoll for good: it deletes
 * a descriptor when no interest is left, and from then on only tries to modify it. Nothing more can arrive, so that the
 * descriptor itself is read until its end.
 */
public final class HungUpSocket {

    /** The kernel's number for the state of a socket whose peer has closed its side. */
    private static final int TCP_CLOSE_WAIT = 8;

    private HungUpSocket() {}

    /**
     * Whether the shipper of {@code channel} has closed its side; never known where the transport is not epoll, or it
     * is closed here.
     */
    public static boolean isEnded(Channel channel) {
        return channel instanceof EpollSocketChannel socket
                && socket.isOpen()
                && (socket.tcpInfo().state() == TCP_CLOSE_WAIT || ResetCheck.isReset(channel));
    }

    /**
     * The next at most {@code bytes} bytes, none when it has not hung up after all, or null at the end. Java's own
     * sockets, which Netty takes where it has no transport of the system's, go on being watched.
     */
    public static @Nullable ByteBuf read(Channel channel, int bytes) throws IOException {
        if (!(channel instanceof UnixChannel socket)) {
            return Unpooled.EMPTY_BUFFER;
        }
        ByteBuf buffer = channel.alloc().directBuffer(bytes);
        int count = 0;
        try {
            ByteBuffer room = buffer.internalNioBuffer(0, bytes); // a pooled buffer begins in the midst of its chunk
            count = socket.fd().read(room, room.position(), room.limit());
            if (count == 0) {
                return Unpooled.EMPTY_BUFFER;
            }
            return count > 0 ? buffer.writerIndex(count) : null;
        } finally {
            if (count <= 0) {
                buffer.release();
            }
        }
    }
}
