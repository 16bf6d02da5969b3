package dev.sluice.listen.report;

import dev.sluice.listen.report.ListenObserver.CloseReason;
import io.netty.channel.Channel;
import io.netty.handler.codec.CodecException;
import java.io.IOException;
import java.net.ProtocolException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of an exception on a connection. What the network or the peer may cause closes it and is no news.
 * Anything else is a bug in Sluice: it closes this one connection, is counted, and is in the log with its place, but
 * not once a connection. An error ends the process: Netty would go on.
 */
public final class ConnectionFailure {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionFailure.class);
    private static final long LOG_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final AtomicLong LOGGED_AT = new AtomicLong(System.nanoTime() - LOG_NANOS);
    private static final LongAdder UNSAID = new LongAdder();

    private ConnectionFailure() {}

    /** Says why a connection of {@code listener} is closed that {@code cause} came to. */
    public static CloseReason of(String listener, Throwable cause) {
        if (cause instanceof ProtocolException) {
            return CloseReason.PROTOCOL_ERROR;
        }
        if (cause instanceof IOException || cause instanceof CodecException) {
            LOG.debug("A connection of {} broke", listener, cause);
            return CloseReason.ERROR;
        }
        if (cause instanceof Error) {
            escalate(cause);
        } else {
            say(listener, cause);
        }
        return CloseReason.INTERNAL_ERROR;
    }

    /** Tells what looks after the threads: what failed is not a connection's alone. */
    public static void escalate(Throwable failure) {
        Thread current = Thread.currentThread();
        current.getUncaughtExceptionHandler().uncaughtException(current, failure);
    }

    private static void say(String listener, Throwable bug) {
        long now = System.nanoTime();
        long last = LOGGED_AT.get();
        if (now - last >= LOG_NANOS && LOGGED_AT.compareAndSet(last, now)) {
            LOG.error(
                    "A connection of {} was closed by a bug in Sluice; {} others since the last such line",
                    listener,
                    UNSAID.sumThenReset(),
                    bug);
        } else {
            UNSAID.increment();
        }
    }

    /**
     * A task or listener of a connection that, when it fails, closes the connection: Netty would write a line and leave
     * it as it is, for ever waiting for what the task was to do.
     */
    public static Runnable guarded(Channel channel, Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (Throwable failure) {
                channel.pipeline().fireExceptionCaught(failure);
            }
        };
    }
}
