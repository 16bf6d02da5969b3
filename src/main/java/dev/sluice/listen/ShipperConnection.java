package dev.sluice.listen;

import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.Reply;
import dev.sluice.listen.ListenObserver.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: reads when it may, frames what it read, and leaves deliveries at the {@link Intake}. It asks its
 * channel for one read at a time and stops asking while its bytes wait for the rail ({@link ReadAllowance#AHEAD_BYTES},
 * so that a flood never stands in front of others) or the budget is spent. Stopped reads close nothing: the kernel's
 * buffer fills, and the shipper waits.
 *
 * <p>Everything runs on the connection's event loop, but for {@link #taken} and {@link #drain}.
 *
 * <p>What it holds: the bytes of one incomplete frame, counted in the {@link MemoryBudget}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what a close or a timer of the loop comes to is seen by channelInactive
final class ShipperConnection extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(ShipperConnection.class);

    private final ListenerContext listener;
    private final Channel channel;
    private final Consumer<ShipperConnection> onClosed;
    private final FrameAssembler frames;
    private final ReadAllowance allowance;
    private final SocketReads socket;
    private final BudgetLine line;
    private final Replies replies;
    private final Deliveries deliveries;
    private volatile Reading reading = Reading.ARMED;

    private long pausedNanos;
    private long lastReadNanos = System.nanoTime();
    private long lastBytesNanos;
    private CloseReason closeReason = CloseReason.SHIPPER;

    ShipperConnection(ListenerContext listener, Channel channel, String source, Consumer<ShipperConnection> onClosed) {
        this.listener = listener;
        this.channel = channel;
        this.onClosed = onClosed;
        allowance = new ReadAllowance(listener.budget());
        Origin undetected = Origin.of(listener.name(), source, Protocol.SYSLOG);
        socket = new SocketReads(this, channel, allowance);
        line = new BudgetLine(this, channel, listener.budget(), allowance, socket);
        replies = new Replies(channel, listener.observer(), this);
        deliveries = new Deliveries(this, listener, allowance, replies);
        frames = new FrameAssembler(listener.framing(), undetected, deliveries);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        listener.observer().opened(listener.name());
        frames.greet();
        channel.read();
    }

    /** How many bytes the read that is about to happen may take; 0 reads nothing. See {@link ReadSizer}. */
    int readBytesMax() {
        return switch (reading) {
            case ARMED -> allowance.nextRead();
            case AWAITING_RAIL, AWAITING_BUDGET, AWAITING_REPLIES -> socket.uncalledRead();
            case ANSWERING, ENDED -> 0;
        };
    }

    /** What the read did not take goes back. */
    void readEnded() {
        allowance.settle(frames.heldBytes());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf buffer = (ByteBuf) message;
        try {
            read(buffer);
        } finally {
            buffer.release();
        }
        if (reading == Reading.ARMED) {
            readOn();
        }
    }

    private void read(ByteBuf buffer) {
        long start = System.nanoTime();
        lastReadNanos = start;
        lastBytesNanos = start;
        int bytes = buffer.readableBytes();
        boolean overdraft = allowance.read(bytes);
        framed(frames.read(buffer, start, overdraft), bytes, start);
    }

    private void framed(int events, int bytes, long start) {
        readEnded();
        if (events > 0) {
            line.leaveLifeboat(); // a next frame, which a flood has begun already, waits its turn
        }
        listener.observer().read(frames.origin(), bytes, events, System.nanoTime() - start);
        switch (frames.state()) {
            case OPEN, PENDING, DROPPING -> {
                // it goes on
            }
            case GOODBYE -> end(CloseReason.SHIPPER);
            case MALFORMED -> end(CloseReason.PROTOCOL_ERROR);
        }
    }

    private void readOn() {
        if (reading != Reading.ARMED) {
            return;
        }
        if (line.hasLifeboat()) {
            rowOn();
        } else if (deliveries.isAhead()) {
            pause(Reading.AWAITING_RAIL);
            if (!deliveries.isAhead()) {
                resume(); // the rail took it between the two looks
            }
        } else if (replies.isFull()) {
            pause(Reading.AWAITING_REPLIES);
        } else if (allowance.mustWait()) {
            awaitBudget();
        } else {
            requestRead();
        }
    }

    void requestRead() {
        if (frames.state() == FrameAssembler.State.PENDING) {
            channel.eventLoop().execute(this::frameOn);
        } else {
            socket.request();
        }
    }

    /** Goes on with what was read already. */
    private void frameOn() {
        if (reading == Reading.ARMED) {
            long start = System.nanoTime();
            allowance.nextRead();
            framed(frames.readOn(start), 0, start);
            readOn();
        }
    }

    /** In the lifeboat: reads beyond the budget until the frame is complete. */
    private void rowOn() {
        if (frames.isInsideFrame()) {
            channel.eventLoop().execute(this::row); // the read that is ending settles its account first
        } else {
            line.leaveLifeboat();
            readOn();
        }
    }

    private void row() {
        if (reading == Reading.ARMED && line.hasLifeboat()) {
            allowance.overdraw(ReadAllowance.READ_BYTES);
            requestRead();
        }
    }

    void awaitBudget() {
        pause(Reading.AWAITING_BUDGET);
        line.join();
    }

    private void pause(Reading why) {
        reading = why;
        pausedNanos = System.nanoTime();
        replies.paused(true);
        listener.observer().throttled(listener.name());
    }

    void unpause(Reading next) {
        if (reading.isPause()) {
            replies.paused(false);
            listener.observer().resumed(frames.origin(), System.nanoTime() - pausedNanos);
        }
        lastReadNanos = System.nanoTime(); // from here on it may be quiet
        reading = next;
    }

    private void resume() {
        if (reading == Reading.AWAITING_RAIL || reading == Reading.AWAITING_REPLIES) {
            unpause(Reading.ARMED);
            readOn();
        }
    }

    /** What keeps the shipper patient, or nothing. */
    Reply keepAlive() {
        return frames.keepAlive();
    }

    /** Replies left. */
    void replied() {
        if (reading == Reading.AWAITING_REPLIES && !replies.isFull()) {
            resume();
        }
    }

    /** The rail took {@code bytes} of this connection. Any thread. */
    void taken(int bytes) {
        deliveries.taken(bytes);
        if (reading == Reading.AWAITING_RAIL && !deliveries.isAhead()) {
            channel.eventLoop().execute(this::resume);
        }
    }

    /** Whether it waits for a grant. */
    boolean isAwaitingBudget() {
        return reading == Reading.AWAITING_BUDGET;
    }

    boolean isArmed() {
        return reading == Reading.ARMED;
    }

    long lastReadNanos() {
        return lastReadNanos;
    }

    /** Whether it sent nothing for so long in the midst of a frame. */
    boolean isStalledFor(long nanos) {
        return frames.isInsideFrame() && System.nanoTime() - lastBytesNanos >= nanos;
    }

    boolean isQuietFor(long nanos) {
        return reading == Reading.ARMED && System.nanoTime() - lastReadNanos >= nanos;
    }

    /** Reads what the shipper still sends, then ends. Any thread. */
    void drain() {
        channel.eventLoop().execute(() -> {
            frames.farewell();
            new ConnectionDrain(this, channel, replies).start();
        });
    }

    void closeForDrain() {
        channel.eventLoop().execute(() -> close(CloseReason.DRAIN));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            end(CloseReason.SHIPPER);
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.debug("A connection of {} broke", listener.name(), cause);
        close(CloseReason.ERROR);
    }

    /** Reads no more, and closes when everything is answered. */
    void end(CloseReason reason) {
        if (reading != Reading.ANSWERING && reading != Reading.ENDED) {
            unpause(Reading.ANSWERING);
            line.leave();
            replies.whenAnswered(() -> close(reason));
        }
    }

    void close(CloseReason reason) {
        if (reading != Reading.ENDED) {
            closeReason = reason;
            channel.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (reading != Reading.ENDED) {
            unpause(Reading.ENDED);
            replies.forget();
            listener.observer().read(frames.origin(), 0, frames.end(), 0);
            line.leave();
            allowance.settle(0);
            listener.observer().closed(listener.name(), closeReason);
            onClosed.accept(this);
        }
        context.fireChannelInactive();
    }
}
