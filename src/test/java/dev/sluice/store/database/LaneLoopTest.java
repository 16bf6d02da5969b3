package dev.sluice.store.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.DomainSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.netty.resources.LoopResources;

/** A server that is called by name: the resolver's sockets are made on the lane's loop, as the connection is. */
class LaneLoopTest {

    private final LoopResources shared = LoopResources.create("lane-loop-test", 1, true);
    private final LaneLoop loop = new LaneLoop(shared);
    private final EventLoopGroup group = loop.onClient(true);
    private ServerSocket server;
    private Channel connection;

    @BeforeEach
    void connect() throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        connection = new Bootstrap()
                .group(group)
                .channelFactory(() -> loop.onChannel(SocketChannel.class, group))
                .handler(new ChannelInboundHandlerAdapter())
                .connect(server.getLocalSocketAddress())
                .syncUninterruptibly()
                .channel();
    }

    @AfterEach
    void end() throws IOException {
        server.close();
        shared.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block(Duration.ofSeconds(10));
    }

    @Test
    void staysConnectedWhenTheResolverClosesItsDatagramSocket() {
        loop.onChannel(DatagramChannel.class, group).unsafe().closeForcibly();

        assertThat(loop.isConnected()).isTrue();
    }

    @Test
    void staysConnectedWhenTheResolverHasAskedOverTcp() {
        loop.onChannel(SocketChannel.class, group).unsafe().closeForcibly();

        assertThat(loop.isConnected()).isTrue();
    }

    @Test
    void isConnectedByASocketOfThisMachineToo(@TempDir Path folder) throws IOException {
        Path path = folder.resolve("postgres");
        LaneLoop local = new LaneLoop(shared);
        EventLoopGroup loops = local.onClient(true);
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(path));
            new Bootstrap()
                    .group(loops)
                    .channelFactory(() -> local.onChannel(DomainSocketChannel.class, loops))
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(new DomainSocketAddress(path.toFile()))
                    .syncUninterruptibly();

            assertThat(local.isConnected()).isTrue();
        }
    }

    @Test
    void abortsTheConnectionThoughTheResolverOpenedASocketAfterIt() {
        loop.onChannel(DatagramChannel.class, group).unsafe().closeForcibly();

        loop.abort();

        assertThat(connection.closeFuture().awaitUninterruptibly(5_000)).isTrue();
        assertThat(loop.isConnected()).isFalse();
    }
}
