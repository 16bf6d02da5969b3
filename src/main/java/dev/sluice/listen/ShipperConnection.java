package dev.sluice.listen;

import dev.sluice.event.Delivery;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.listen.ListenObserver.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: reads when it may, frames what it read, and leaves deliveries at the {@link Intake}. It asks its
 * channel for one read at a time and stops asking while its bytes wait for the rail ({@link ReadAllowance#AHEAD_BYTES},
 * so that a flood never stands in front of others) or the budget is spent. Stopped reads close nothing: the kernel's
 * buffer fills, and the shipper waits.
 *
 * <p>Everything runs on the connection's event loop, but for {@link #taken} and {@link #granted}.
 *
 * <p>What it holds: the bytes of one incomplete frame, counted in the {@link MemoryBudget}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what a close or a timer of the loop comes to is seen by channelInactive
final class ShipperConnection extends ChannelInboundHandlerAdapter implements MemoryBudget.Waiter {

    private static final Logger LOG = LoggerFactory.getLogger(ShipperConnection.class);

    /** A granted read that brings nothing in this time gives its reservation back: others wait for it. */
    private static final long LEASH_MILLIS = 20;

    /** Whoever has the lifeboat must complete its frame in this time. */
    private static final long LIFEBOAT_SECONDS = 10;

    private final ListenerContext listener;
    private final Channel channel;
    private final Consumer<ShipperConnection> onClosed;
    private final FrameAssembler frames;
    private final ReadAllowance allowance;
    private final AtomicInteger ahead = new AtomicInteger();
    private volatile Reading reading = Reading.ARMED;

    private int grants;
    private long pausedNanos;
    private long lastReadNanos = System.nanoTime();
    private CloseReason closeReason = CloseReason.SHIPPER;

    ShipperConnection(ListenerContext listener, Channel channel, String source, Consumer<ShipperConnection> onClosed) {
        this.listener = listener;
        this.channel = channel;
        this.onClosed = onClosed;
        allowance = new ReadAllowance(listener.budget());
        Origin undetected = Origin.of(listener.name(), source, Protocol.SYSLOG);
        frames = new FrameAssembler(listener.framing(), undetected, this::deliver);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        listener.observer().opened(listener.name());
        channel.read();
    }

    /** How many bytes the read that is about to happen may take; 0 reads nothing. See {@link ReadSizer}. */
    int readBytesMax() {
        return switch (reading) {
            case ARMED -> allowance.nextRead();
            case AWAITING_RAIL, AWAITING_BUDGET -> hangUpRead();
            case ENDED -> 0;
        };
    }

    private int hangUpRead() {
        if (ResetCheck.isReset(channel)) {
            channel.eventLoop().execute(() -> close(CloseReason.ERROR));
            return 0;
        }
        return allowance.hangUpRead();
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
        int bytes = buffer.readableBytes();
        allowance.read(bytes);
        int events = frames.read(buffer, start);
        readEnded();
        if (events > 0) {
            listener.budget().leaveLifeboat(this); // a next frame, which a flood has begun already, waits its turn
        }
        listener.observer().read(frames.origin(), bytes, events, System.nanoTime() - start);
    }

    private void readOn() {
        if (listener.budget().hasLifeboat(this)) {
            rowOn();
        } else if (ahead.get() >= ReadAllowance.AHEAD_BYTES) {
            pause(Reading.AWAITING_RAIL);
            if (ahead.get() < ReadAllowance.AHEAD_BYTES) {
                resume(); // the rail took it between the two looks
            }
        } else if (allowance.mustWait()) {
            awaitBudget();
        } else {
            requestRead();
        }
    }

    private void requestRead() {
        if (allowance.isHungUp()) {
            channel.eventLoop().execute(this::readAfterHangUp);
        } else {
            channel.read();
        }
    }

    private void readAfterHangUp() {
        try {
            ByteBuf buffer = reading == Reading.ARMED ? HungUpSocket.read(channel, allowance.nextRead()) : null;
            if (buffer != null && buffer.isReadable()) {
                channel.pipeline().fireChannelRead(buffer);
            } else if (buffer != null) {
                allowance.notHungUp();
                channel.read();
            } else if (reading == Reading.ARMED) {
                close(CloseReason.SHIPPER);
            }
        } catch (IOException broken) {
            close(CloseReason.ERROR);
        }
    }

    /** In the lifeboat: reads beyond the budget until the frame is complete. */
    private void rowOn() {
        if (frames.isInsideFrame()) {
            channel.eventLoop().execute(this::row); // the read that is ending settles its account first
        } else {
            listener.budget().leaveLifeboat(this);
            readOn();
        }
    }

    private void row() {
        if (reading == Reading.ARMED && listener.budget().hasLifeboat(this)) {
            allowance.overdraw(ReadAllowance.READ_BYTES);
            requestRead();
        }
    }

    private void awaitBudget() {
        pause(Reading.AWAITING_BUDGET);
        listener.budget().await(this);
    }

    private void pause(Reading why) {
        reading = why;
        pausedNanos = System.nanoTime();
        listener.observer().throttled(listener.name());
    }

    private void unpause(Reading next) {
        if (reading == Reading.AWAITING_RAIL || reading == Reading.AWAITING_BUDGET) {
            listener.observer().resumed(frames.origin(), System.nanoTime() - pausedNanos);
        }
        lastReadNanos = System.nanoTime(); // from here on it may be quiet
        reading = next;
    }

    private void resume() {
        if (reading == Reading.AWAITING_RAIL) {
            unpause(Reading.ARMED);
            readOn();
        }
    }

    /** The rail took {@code bytes} of this connection. Any thread. */
    void taken(int bytes) {
        int left = ahead.addAndGet(-bytes);
        if (reading == Reading.AWAITING_RAIL && left < ReadAllowance.AHEAD_BYTES) {
            channel.eventLoop().execute(this::resume);
        }
    }

    @Override
    public void granted(int bytes) {
        channel.eventLoop().execute(() -> {
            if (reading != Reading.AWAITING_BUDGET) {
                listener.budget().release(bytes);
                listener.budget().leaveLifeboat(this);
                return;
            }
            unpause(Reading.ARMED);
            allowance.grant(bytes);
            grants++;
            requestRead();
            long since = lastReadNanos;
            channel.eventLoop().schedule(() -> leash(since), LEASH_MILLIS, TimeUnit.MILLISECONDS);
        });
    }

    /** A grant that nothing used would keep others waiting. */
    private void leash(long since) {
        if (reading == Reading.ARMED && lastReadNanos == since) {
            readEnded();
            listener.budget().leaveLifeboat(this);
            if (allowance.isOverdrawn()) {
                // Takes the pending read back: Netty's only public way is the edge of auto-read.
                channel.config().setAutoRead(true);
                channel.config().setAutoRead(false);
                awaitBudget();
            }
        } else if (listener.budget().hasLifeboat(this)) {
            int grant = grants;
            channel.eventLoop().schedule(() -> abandonShip(grant), LIFEBOAT_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void abandonShip(int grant) {
        if (grant == grants && listener.budget().hasLifeboat(this)) {
            close(CloseReason.FRAME_TIMEOUT);
        }
    }

    private void deliver(FramedRead read, long readNanos, long receivedAtMicros) {
        ahead.addAndGet(read.size());
        allowance.queue(read.size());
        Delivery delivery = new Delivery(frames.origin(), receivedAtMicros, readNanos, read.frames(), Delivery.NO_ACK);
        listener.intake().add(read, delivery, this);
    }

    boolean isQuietFor(long nanos) {
        return reading == Reading.ARMED && System.nanoTime() - lastReadNanos >= nanos;
    }

    /** Reads what the shipper still sends, then ends. Any thread. */
    void drain() {
        new ConnectionDrain(this, channel).start();
    }

    void closeForDrain() {
        channel.eventLoop().execute(() -> close(CloseReason.DRAIN));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            close(CloseReason.SHIPPER);
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.debug("A connection of {} broke", listener.name(), cause);
        close(CloseReason.ERROR);
    }

    private void close(CloseReason reason) {
        if (reading != Reading.ENDED) {
            closeReason = reason;
            channel.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (reading != Reading.ENDED) {
            unpause(Reading.ENDED);
            listener.observer().read(frames.origin(), 0, frames.end(), 0);
            listener.budget().forget(this);
            allowance.settle(0);
            listener.observer().closed(listener.name(), closeReason);
            onClosed.accept(this);
        }
        context.fireChannelInactive();
    }
}
