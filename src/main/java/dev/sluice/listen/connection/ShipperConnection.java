package dev.sluice.listen.connection;

import static dev.sluice.listen.report.ConnectionFailure.guarded;

import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.Reply;
import dev.sluice.listen.budget.FramePace;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.budget.ReadAllowance;
import dev.sluice.listen.intake.FrameAssembler;
import dev.sluice.listen.intake.FramingState;
import dev.sluice.listen.intake.Intake;
import dev.sluice.listen.netty.ReadDemand;
import dev.sluice.listen.report.ConnectionFailure;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.listen.report.ListenObserver.Wait;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;

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
public final class ShipperConnection extends ChannelInboundHandlerAdapter implements ReadDemand {

    private final ListenerContext listener;
    private final Channel channel;
    private final Runnable onClosed;
    private final FrameAssembler frames;
    private final ReadAllowance allowance;
    private final SocketReads socket;
    private final BudgetWaiter line;
    private final Replies replies;
    private final Deliveries deliveries;
    private final ReadState reading;
    private final RateLimitedReads rate;
    private final GracefulClose closing;

    ShipperConnection(ListenerContext listener, Channel channel, Shipper shipper, Runnable onClosed) {
        this.listener = listener;
        this.channel = channel;
        this.onClosed = onClosed;
        allowance = new ReadAllowance(listener.budget(), listener.budget().join(shipper.group()));
        Origin undetected = Origin.of(listener.name(), shipper.source(), Protocol.SYSLOG);
        socket = new SocketReads(this, channel, allowance);
        line = new BudgetWaiter(this, channel, listener.budget(), allowance);
        replies = new Replies(channel, listener.observer(), this, allowance);
        deliveries = new Deliveries(this, listener, allowance, replies);
        frames = new FrameAssembler(listener.framing(), undetected, deliveries);
        reading = new ReadState(listener, frames, replies);
        rate = new RateLimitedReads(this, channel, shipper.rate());
        closing = new GracefulClose(this, socket, frames, replies, Lifetime.from(listener.times()));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        frames.greet();
        socket.request();
    }

    @Override
    public int readBytesMax() {
        return switch (reading.now()) {
            case ARMED -> Math.min(rate.atMost(allowance.nextRead()), socket.roomBytes());
            case AWAITING_RAIL, AWAITING_BUDGET, AWAITING_REPLIES, AWAITING_RATE -> socket.uncalledRead();
            case ANSWERING, ENDED -> 0;
        };
    }

    /** What the read did not take goes back; what was not read, because it has no room, waits for some. */
    @Override
    public void readEnded() {
        allowance.settle(frames.heldBytes() + socket.heldBytes());
        if (allowance.wasWanting() && isArmed()) {
            awaitBudget();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf buffer = (ByteBuf) message;
        try {
            read(buffer);
        } finally {
            buffer.release();
        }
        if (isArmed()) {
            readOn();
        }
    }

    private void read(ByteBuf buffer) {
        long start = System.nanoTime();
        int bytes = buffer.readableBytes();
        reading.read(bytes, start);
        rate.read(bytes);
        line.read(bytes);
        boolean unreserved = allowance.read(bytes);
        deliveries.read(bytes);
        framed(frames.read(buffer, start, unreserved), start);
    }

    private void framed(int events, long start) {
        readEnded();
        if (events > 0) {
            line.leaveReserve(); // a next frame, which a flood has begun already, waits its turn
        }
        deliveries.framed(frames.origin(), System.nanoTime() - start);
        switch (frames.state()) {
            case OPEN, PENDING, DROPPING -> {
                // it goes on
            }
            case GOODBYE -> end(CloseReason.SHIPPER);
            case MALFORMED -> end(frames.mistake());
            case FAILED -> close(CloseReason.ERROR);
        }
    }

    void readOn() {
        if (!isArmed()) {
            return;
        }
        if (line.isOnReserve()) {
            requestRead();
        } else if (deliveries.isAhead()) {
            reading.pause(Wait.RAIL);
            if (!deliveries.isAhead()) {
                resume(); // the rail took it between the two looks
            }
        } else if (replies.isFull()) {
            reading.pause(Wait.REPLIES);
        } else if (rate.mustWait()) {
            reading.pause(Wait.RATE);
            rate.join();
        } else {
            readWithinBudget();
        }
    }

    private void readWithinBudget() {
        if (allowance.mustWait(frames.state() == FramingState.PENDING)) {
            awaitBudget();
        } else {
            requestRead();
        }
    }

    void requestRead() {
        if (frames.state() == FramingState.PENDING) {
            channel.eventLoop().execute(guarded(channel, this::frameOn));
        } else {
            socket.request();
        }
    }

    /** Goes on with what was read already. */
    private void frameOn() {
        if (isArmed()) {
            long start = System.nanoTime();
            allowance.nextRead();
            framed(frames.readOn(start), start);
            readOn();
        }
    }

    void awaitBudget() {
        reading.pause(Wait.BUDGET);
        line.join();
    }

    private void resume() {
        if (reading.is(ConnectionPhase.AWAITING_RAIL) || reading.is(ConnectionPhase.AWAITING_REPLIES)) {
            reading.unpause(ConnectionPhase.ARMED);
            readOn();
        }
    }

    /** Its source's rate lets it; not asked again, or it would join the line anew as long as there is one. */
    void mayRead() {
        if (reading.is(ConnectionPhase.AWAITING_RATE)) {
            reading.unpause(ConnectionPhase.ARMED);
            readWithinBudget();
        }
    }

    /** What keeps the shipper patient, or nothing. */
    Reply keepAlive() {
        return frames.keepAlive();
    }

    /** Replies left. */
    void replied() {
        if (reading.is(ConnectionPhase.AWAITING_REPLIES) && !replies.isFull()) {
            resume();
        }
    }

    /** The rail took something of this connection. Any thread. */
    void taken() {
        if (reading.is(ConnectionPhase.AWAITING_RAIL) && !deliveries.isAhead()) {
            channel.eventLoop().execute(guarded(channel, this::resume));
        }
    }

    boolean isArmed() {
        return reading.is(ConnectionPhase.ARMED);
    }

    ReadState reading() {
        return reading;
    }

    /** Reads what the shipper still sends, then ends. Any thread. */
    void drain() {
        channel.eventLoop().execute(guarded(channel, () -> {
            rate.lift();
            closing.drain();
        }));
    }

    /** Ends it when its time is over. */
    void onTick(long nowNanos) {
        closing.onTick(nowNanos);
        line.onTick(nowNanos, isArmed() || replies.isStuckFor(FramePace.POLL_NANOS));
    }

    /** Whether what comes is dropped, because the shipper sends it again elsewhere. */
    boolean isDropping() {
        return frames.state() == FramingState.DROPPING;
    }

    boolean isInsideFrame() {
        return frames.isInsideFrame() || socket.heldBytes() > 0;
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
        close(ConnectionFailure.of(listener.name(), cause));
    }

    /** Reads no more, and closes when everything is answered. */
    void end(CloseReason reason) {
        if (!reading.is(ConnectionPhase.ANSWERING) && !reading.is(ConnectionPhase.ENDED)) {
            reading.unpause(ConnectionPhase.ANSWERING);
            line.leave();
            rate.leave();
            replies.whenAnswered(() -> close(reason));
        }
    }

    void close(CloseReason reason) {
        if (!reading.is(ConnectionPhase.ENDED)) {
            closing.because(reason);
            channel.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (!reading.is(ConnectionPhase.ENDED)) {
            reading.unpause(ConnectionPhase.ENDED);
            replies.forget();
            line.leave();
            rate.leave();
            try {
                closing.lastFrame();
            } finally {
                allowance.close();
                listener.observer().closed(listener.name(), closing.reason());
                onClosed.run();
                reading.left(); // after it is no longer among those that are open, so that nothing counts twice
            }
        }
        context.fireChannelInactive();
    }
}
