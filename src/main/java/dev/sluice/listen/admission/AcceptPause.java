package dev.sluice.listen.admission;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.netty.DisposableServer;

/**
 * What a listening socket does when the kernel gives it no connection, for want of descriptors above all: it says so,
 * and waits before it tries again, because the connection stays in the kernel's queue and the next try would be at
 * once. On the thread that accepts.
 */
public final class AcceptPause extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(AcceptPause.class);
    private static final long PAUSE_MILLIS = 500;

    /** A line a minute at most. */
    private static final long LINE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final String port;
    private final Descriptors descriptors;
    private final Runnable onFailed;
    private boolean said;
    private long saidNanos;

    /** For the port of this name; {@code onFailed} counts. */
    public AcceptPause(String port, Descriptors descriptors, Runnable onFailed) {
        this.port = port;
        this.descriptors = descriptors;
        this.onFailed = onFailed;
    }

    /** Takes its place at a port that is bound. */
    public void watch(DisposableServer bound) {
        bound.channel().pipeline().addFirst(this);
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // a loop that ends accepts no more
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        onFailed.run();
        Channel listening = context.channel();
        if (listening.config().isAutoRead()) {
            listening.config().setAutoRead(false);
            listening.eventLoop().schedule(() -> goOn(listening), PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
        say(cause);
    }

    private static void goOn(Channel listening) {
        if (listening.isActive()) {
            listening.config().setAutoRead(true);
        }
    }

    private void say(Throwable cause) {
        long now = System.nanoTime();
        if (said && now - saidNanos < LINE_NANOS) {
            return;
        }
        said = true;
        saidNanos = now;
        LOG.error(
                "Port {} gets no connection from the kernel and tries again every {} ms: {}. The process may have {}"
                        + " files open (ulimit -n)",
                port,
                PAUSE_MILLIS,
                cause.getMessage(),
                descriptors.max());
    }
}
