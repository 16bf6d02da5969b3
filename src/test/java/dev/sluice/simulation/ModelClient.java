package dev.sluice.simulation;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/** A session at the modelled PostgreSQL, message by message. */
final class ModelClient {

    private static final Duration LIMIT = Duration.ofSeconds(1);

    private final VirtualTime time;
    private final VirtualLoop loop;
    private final VirtualChannel channel;
    private final Transcript heard = new Transcript();

    ModelClient(Cluster cluster) {
        time = cluster.time;
        loop = time.loop("client");
        channel = new VirtualChannel(new Wire(
                time,
                new SplittableRandom(0),
                LIMIT.dividedBy(100),
                port -> cluster.at(port).session()));
        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object bytes) {
                heard.add((ByteBuf) bytes);
                ((ByteBuf) bytes).release();
            }
        });
        loop.execute(() -> {
            loop.register(channel);
            channel.connect(new InetSocketAddress("127.0.0.1", Cluster.PORT));
        });
        while (!channel.isActive()) {
            time.step(time.elapsed().plus(LIMIT));
        }
    }

    /** Null when it does not answer: it waits for another session. */
    List<String> ask(ByteBuf message) {
        loop.execute(() -> channel.writeAndFlush(message));
        return answer();
    }

    /** The same for what was asked before. */
    List<String> answer() {
        Duration limit = time.elapsed().plus(LIMIT);
        boolean goesOn = true;
        while (goesOn && !heard.isOver()) {
            goesOn = time.step(limit);
        }
        return heard.isOver() ? heard.take() : null;
    }
}
