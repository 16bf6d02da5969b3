package dev.sluice.listen.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a real socket: what the descriptor gives, and where it goes. */
class HungUpSocketTest {

    private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
    private @Nullable EventLoopGroup loops;
    private @Nullable Socket shipper;
    private @Nullable Channel channel;

    @BeforeEach
    void connect() throws Exception {
        assumeThat(Epoll.isAvailable()).isTrue();
        loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        Channel server = new ServerBootstrap()
                .group(loops)
                .channel(EpollServerSocketChannel.class)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childHandler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void handlerAdded(ChannelHandlerContext context) {
                        accepted.add(context.channel());
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
        shipper = new Socket("127.0.0.1", ((InetSocketAddress) server.localAddress()).getPort());
        channel = accepted.poll(10, TimeUnit.SECONDS);
    }

    @AfterEach
    void end() throws Exception {
        if (shipper != null) {
            shipper.close();
        }
        if (loops != null) {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void aSocketOfJavasOwnGivesNothing() throws Exception {
        assertThat(HungUpSocket.read(new NioSocketChannel(), 100)).isEqualTo(Unpooled.EMPTY_BUFFER);
    }

    @Test
    void aSocketThatDidNotHangUpGivesNothing() throws Exception {
        ByteBuf nothing = HungUpSocket.read(channel, 64);
        assertThat(nothing).isNotNull();
        assertThat(nothing.isReadable()).isFalse();
    }

    /** What is computed of a handshake may close the connection, and asks afterwards. */
    @Test
    void aSocketThatIsClosedHereIsNotAsked() throws Exception {
        channel.close().sync();
        assertThat(HungUpSocket.isEnded(channel)).isFalse();
        assertThat(ResetCheck.isReset(channel)).isFalse();
    }

    /** On the event loop, so that Netty does not read first when it hears of the end. */
    @Test
    void whatIsLeftIsReadAndThenTheEnd() throws Exception {
        channel.eventLoop().submit(this::readToTheEnd).sync();
    }

    private @Nullable Void readToTheEnd() throws Exception {
        shipper.getOutputStream().write("left behind".getBytes(US_ASCII));
        shipper.shutdownOutput();
        assertThat(text(awaitBytes(4))).isEqualTo("left");
        assertThat(text(HungUpSocket.read(channel, 64))).isEqualTo(" behind");
        assertThat(HungUpSocket.read(channel, 64)).isNull();
        return null;
    }

    /** A pooled buffer begins in the midst of a chunk that it shares with the buffers of other connections. */
    @Test
    void nobodyElsesBytesAreTouched() throws Exception {
        ByteBuf before = neighbour();
        shipper.getOutputStream().write("mine".getBytes(US_ASCII));
        ByteBuf mine = awaitBytes(256);
        ByteBuf after = neighbour();
        shipper.getOutputStream().write("more".getBytes(US_ASCII));
        ByteBuf more = awaitBytes(256);
        assertThat(text(before)).isEqualTo("neighbour");
        assertThat(text(mine)).isEqualTo("mine");
        assertThat(text(after)).isEqualTo("neighbour");
        assertThat(text(more)).isEqualTo("more");
    }

    private ByteBuf neighbour() {
        return channel.alloc().directBuffer(256).writeBytes("neighbour".getBytes(US_ASCII));
    }

    private ByteBuf awaitBytes(int bytes) throws Exception {
        ByteBuf read = HungUpSocket.read(channel, bytes);
        while (read != null && !read.isReadable()) {
            Thread.sleep(1);
            read = HungUpSocket.read(channel, bytes);
        }
        return read;
    }

    private static String text(ByteBuf buffer) {
        String text = buffer.toString(US_ASCII);
        buffer.release();
        return text;
    }
}
