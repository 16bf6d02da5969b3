package dev.sluice.listen.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what the records of one read hold, so that with TLS, too, a read is one buffer. Holds nothing between two
 * reads. On the connection's event loop only.
 */
final class TlsPlaintext extends ChannelInboundHandlerAdapter {

    private final TlsSession session;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ByteBuf gathered;
    private int bytesMax;
    private boolean isEnded;
    private int records;
    private int bytes;

    TlsPlaintext(TlsSession session) {
        this.session = session;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    /** A read begins that cannot bring more than {@code bytes}. */
    void expect(int bytes) {
        bytesMax = bytes;
    }

    @Override
    public void channelRead(ChannelHandlerContext added, Object message) {
        ByteBuf next = (ByteBuf) message;
        records++;
        bytes += next.readableBytes();
        ByteBuf before = gathered;
        if (before == null) {
            gathered = next;
            return;
        }
        if (before.writableBytes() < next.readableBytes()) {
            ByteBuf roomy = added.alloc().heapBuffer(bytesMax);
            roomy.writeBytes(before);
            before.release();
            gathered = before = roomy;
        }
        before.writeBytes(next);
        next.release();
    }

    /** The read is over: hands on what it brought, even if that is nothing, and the end if it came to it. */
    void readEnded() {
        ChannelHandlerContext next = context;
        if (next == null) {
            return;
        }
        ByteBuf all = gathered;
        gathered = null;
        next.fireChannelRead(all == null ? Unpooled.EMPTY_BUFFER : all);
        if (isEnded) {
            next.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }

    /** Records with plaintext since the last call. */
    int takeRecords() {
        int taken = records;
        records = 0;
        return taken;
    }

    /** Bytes of plaintext since the last call. */
    int takeBytes() {
        int taken = bytes;
        bytes = 0;
        return taken;
    }

    /** Whether the shipper said that it sends no more. */
    boolean isEnded() {
        return isEnded;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext added, Object event) {
        switch (event) {
            case SslHandshakeCompletionEvent handshake -> session.shookHands(handshake);
            case SslCloseCompletionEvent close -> isEnded |= close.isSuccess();
            default -> added.fireUserEventTriggered(event);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext removed) {
        ByteBuf left = gathered;
        gathered = null;
        if (left != null) {
            left.release();
        }
    }
}
