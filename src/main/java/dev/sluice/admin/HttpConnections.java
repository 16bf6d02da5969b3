package dev.sluice.admin;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.Future;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what the HTTP port holds: few connections, few bytes a request, little time for one. Probes and scrapes send a
 * whole request at once; so when there are too many connections, the one goes that has waited longest without having
 * asked for anything, and a flood of half requests keeps no probe out. Of one event loop, and on it alone.
 */
public final class HttpConnections {

    /** At a time. */
    public static final int CONNECTIONS_MAX = 64;

    /** What may be read until an answer is written. */
    static final int REQUEST_BYTES_MAX = 16 << 10;

    /** From the connection, or the last answer, to the next answer. */
    static final long FIRST_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);

    static final long NEXT_NANOS_MAX = TimeUnit.SECONDS.toNanos(75);

    private static final int EMPTY_LINE = '\r' << 24 | '\n' << 16 | '\r' << 8 | '\n';

    private final LongSupplier clock;

    /** Those who have waited longest first. */
    private final Set<Connection> open = new LinkedHashSet<>();

    private @Nullable Future<?> sweeper;

    /** None yet. */
    public HttpConnections() {
        this(System::nanoTime);
    }

    HttpConnections(LongSupplier clock) {
        this.clock = clock;
    }

    /** Bounds a new connection. */
    public void add(Channel channel) {
        channel.pipeline().addFirst("sluice-http", new Connection(channel));
    }

    /** Closes those whose time is over. */
    void sweep() {
        long now = clock.getAsLong();
        for (Connection one : List.copyOf(open)) {
            if (now - one.sinceNanos > (one.wasAnswered ? NEXT_NANOS_MAX : FIRST_NANOS_MAX)) {
                one.close();
            }
        }
    }

    private void enter(Connection added) {
        if (open.size() >= CONNECTIONS_MAX && !makeRoom()) {
            added.close();
            return;
        }
        open.add(added);
        if (sweeper == null) {
            sweeper = added.channel.eventLoop().scheduleWithFixedDelay(this::sweep, 1, 1, TimeUnit.SECONDS);
        }
    }

    private boolean makeRoom() {
        Iterator<Connection> all = open.iterator();
        while (all.hasNext()) {
            Connection oldest = all.next();
            if (!oldest.hasAsked) {
                all.remove();
                oldest.close();
                return true;
            }
        }
        return false;
    }

    private void leave(Connection gone) {
        open.remove(gone);
        Future<?> running = sweeper;
        if (open.isEmpty() && running != null) {
            running.cancel(false);
            sweeper = null;
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what a close or a write comes to is the server's to see
    private final class Connection extends ChannelDuplexHandler {

        private final Channel channel;
        private long sinceNanos = clock.getAsLong();
        private int bytes;

        /** Something of a request was read. */
        private boolean hasBegun;

        /** The last four bytes that were read. */
        private int end;

        private boolean hasAsked;
        private boolean wasAnswered;

        Connection(Channel channel) {
            this.channel = channel;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            enter(this);
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            leave(this);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof ByteBuf read) {
                bytes += read.readableBytes();
                hasAsked = endsARequest(read);
                if (bytes > REQUEST_BYTES_MAX) {
                    read.release();
                    close();
                    return;
                }
            }
            context.fireChannelRead(message);
        }

        /**
         * A request without a body ends with an empty line; other lines are parts of one, and what is empty before it
         * is never answered.
         */
        private boolean endsARequest(ByteBuf read) {
            int to = read.writerIndex();
            for (int i = read.readerIndex(); i < to; i++) {
                byte b = read.getByte(i);
                hasBegun |= b > ' ';
                end = (end << Byte.SIZE) | (b & 0xff);
            }
            return hasBegun && end == EMPTY_LINE;
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            bytes = 0;
            hasBegun = false;
            hasAsked = false;
            wasAnswered = true;
            sinceNanos = clock.getAsLong();
            if (open.remove(this)) {
                open.add(this);
            }
            context.write(message, promise);
        }

        void close() {
            channel.close();
        }
    }
}
