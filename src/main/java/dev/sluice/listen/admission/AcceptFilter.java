package dev.sluice.listen.admission;

import dev.sluice.listen.report.ListenObserver;
import dev.sluice.listen.report.ListenObserver.Refusal;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Turns connections away where they are accepted, before an event loop of the shippers hears of them: so a flood of
 * them costs the others next to nothing. A connection that gets past it still meets the gates. On the thread that
 * accepts.
 */
public final class AcceptFilter extends ChannelInboundHandlerAdapter {

    private final String listener;
    private final ListenObserver observer;
    private final Function<@Nullable InetAddress, @Nullable Refusal> judge;
    private final Consumer<Channel> onPassed;

    public AcceptFilter(
            String listener,
            ListenObserver observer,
            Function<@Nullable InetAddress, @Nullable Refusal> judge,
            Consumer<Channel> onPassed) {
        this.listener = listener;
        this.observer = observer;
        this.judge = judge;
        this.onPassed = onPassed;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        Channel accepted = (Channel) message;
        Refusal refusal = judge.apply(addressOf(accepted.remoteAddress()));
        if (refusal == null) {
            onPassed.accept(accepted);
            context.fireChannelRead(message);
        } else {
            observer.opened(listener);
            observer.refused(listener, refusal);
            accepted.unsafe().closeForcibly(); // the last: who finds it closed finds it counted
        }
    }

    /** The address of a socket, if it has one. */
    public static @Nullable InetAddress addressOf(@Nullable SocketAddress socket) {
        return socket instanceof InetSocketAddress internet ? internet.getAddress() : null;
    }
}
