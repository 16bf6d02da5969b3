package dev.sluice.simulation;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;

/**
 * A socket of Netty on a {@link Wire}. It reads only when it is asked to and writes only what the wire has room for.
 */
final class VirtualChannel extends AbstractChannel implements DuplexChannel {

    private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

    private final Wire wire;
    private final VirtualChannelConfig config = new VirtualChannelConfig(this);
    private boolean isOpen = true;
    private boolean isConnected;
    private boolean isReading;
    private boolean isInputShutdown;
    private boolean isOutputShutdown;

    VirtualChannel(Wire wire) {
        super(null);
        this.wire = wire;
        wire.attach(this);
    }

    /** One that is connected from the start, as an accepted one is. */
    VirtualChannel accepted() {
        isConnected = true;
        return this;
    }

    /** There may be something to read; on any thread. */
    void readable() {
        if (isRegistered()) {
            eventLoop().execute(this::readNow);
        }
    }

    /** There is room to write again. */
    void writable() {
        if (isRegistered()) {
            eventLoop().execute(() -> ((Socket) unsafe()).flushAgain());
        }
    }

    private void readNow() {
        if (!isOpen || isInputShutdown) {
            return;
        }
        if (wire.isReset()) {
            pipeline().fireExceptionCaught(new SocketException("Connection reset"));
            unsafe().close(unsafe().voidPromise());
        } else if (isReading && wire.available() > 0) {
            readBytes();
        } else if (isReading && wire.isEnded()) {
            ended();
        }
    }

    private void readBytes() {
        isReading = false;
        RecvByteBufAllocator.Handle sizes = unsafe().recvBufAllocHandle();
        sizes.reset(config);
        do {
            ByteBuf buffer = sizes.allocate(config.getAllocator());
            sizes.attemptedBytesRead(buffer.writableBytes());
            sizes.lastBytesRead(wire.read(buffer));
            if (sizes.lastBytesRead() <= 0) {
                buffer.release();
                break;
            }
            sizes.incMessagesRead(1);
            pipeline().fireChannelRead(buffer);
        } while (isOpen && wire.available() > 0 && sizes.continueReading());
        sizes.readComplete();
        pipeline().fireChannelReadComplete();
        readable();
    }

    private void ended() {
        isInputShutdown = true;
        if (Boolean.TRUE.equals(config.getOption(ChannelOption.ALLOW_HALF_CLOSURE))) {
            pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            pipeline().fireUserEventTriggered(ChannelInputShutdownReadComplete.INSTANCE);
        } else {
            unsafe().close(unsafe().voidPromise());
        }
    }

    @Override
    protected void doBeginRead() {
        isReading = true;
        readable();
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) {
        for (Object next = out.current(); next != null; next = out.current()) {
            ByteBuf bytes = (ByteBuf) next;
            int written = wire.write(bytes);
            if (written < bytes.readableBytes()) {
                out.removeBytes(written);
                return;
            }
            out.remove();
        }
    }

    @Override
    protected void doShutdownOutput() {
        isOutputShutdown = true;
        wire.end();
    }

    @Override
    protected void doClose() {
        isOpen = false;
        isConnected = false;
        wire.close(Integer.valueOf(0).equals(config.getOption(ChannelOption.SO_LINGER)));
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new Socket();
    }

    private final class Socket extends AbstractUnsafe {

        @Override
        public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            wire.connect(
                    (InetSocketAddress) remote,
                    refusal -> eventLoop().execute(() -> {
                        if (!isOpen) {
                            promise.tryFailure(new ClosedChannelException());
                        } else if (refusal != null) {
                            promise.tryFailure(refusal);
                            closeIfClosed();
                        } else {
                            isConnected = true;
                            promise.trySuccess();
                            pipeline().fireChannelActive();
                        }
                    }));
        }

        /** As a selector would when the socket takes bytes again. */
        void flushAgain() {
            flush0();
        }
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return isOpen;
    }

    @Override
    public boolean isActive() {
        return isConnected;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return loop instanceof VirtualLoop;
    }

    @Override
    protected SocketAddress localAddress0() {
        return new InetSocketAddress("127.0.0.1", 5140);
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return wire.farAddress();
    }

    @Override
    protected void doBind(SocketAddress address) {
        throw new UnsupportedOperationException("only clients and accepted sockets");
    }

    @Override
    public boolean isInputShutdown() {
        return isInputShutdown;
    }

    @Override
    public boolean isOutputShutdown() {
        return isOutputShutdown;
    }

    @Override
    public boolean isShutdown() {
        return isInputShutdown && isOutputShutdown;
    }

    @Override
    public ChannelFuture shutdownOutput() {
        return shutdownOutput(newPromise());
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
        ((AbstractUnsafe) unsafe()).shutdownOutput(promise);
        return promise;
    }

    @Override
    public ChannelFuture shutdownInput() {
        throw new UnsupportedOperationException("nobody does that");
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
        return shutdownInput();
    }

    @Override
    public ChannelFuture shutdown() {
        return shutdownInput();
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
        return shutdownInput();
    }
}
