package dev.sluice.listen.connection;

import static dev.sluice.listen.report.ConnectionFailure.guarded;

import dev.sluice.event.Reply;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.budget.ReadAllowance;
import dev.sluice.listen.intake.FrameAssembler;
import dev.sluice.listen.intake.Intake;
import dev.sluice.listen.netty.ReadDemand;
import dev.sluice.listen.report.ConnectionFailure;
import dev.sluice.listen.report.ConnectionView;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.listen.report.ListenObserver.Wait;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One connection: reads when it may, frames what it read, and leaves deliveries at the {@link Intake}. It asks its
 * channel for one read at a time and stops asking while its bytes wait for the rail ({@link ReadAllowance#AHEAD_BYTES},
 * so that a flood never stands in front of others) or the budget is spent. Stopped reads close nothing: the kernel's
 * buffer fills, and the shipper waits.
 *
 * <p>It tells a {@link ConnectionState} what happens, which decides what is done about it.
 *
 * <p>Everything runs on the connection's event loop, but for {@link #taken}, {@link #drain} and {@link #view}.
 *
 * <p>What it holds: the bytes of one incomplete frame, counted in the {@link MemoryBudget}.
 */
public final class ShipperConnection extends ChannelInboundHandlerAdapter implements ReadDemand {

    private final ListenerContext listener;
    private final Channel channel;
    private final Runnable onClosed;
    private final ConnectionParts parts;
    private final FrameAssembler frames;
    private final ConnectionState state;
    private Runnable onHurry = () -> {};
    private boolean isGone;

    ShipperConnection(ListenerContext listener, Channel channel, Shipper shipper, Runnable onClosed) {
        this.listener = listener;
        this.channel = channel;
        this.onClosed = onClosed;
        parts = new ConnectionParts(this, listener, channel, shipper);
        frames = parts.frames;
        long now = System.nanoTime();
        double lot = ThreadLocalRandom.current().nextDouble();
        state = new ConnectionState(parts, parts, new Lifetime(listener.times(), now, lot), now);
    }

    /** From here on {@code sooner} is run when {@link #dueIn} became less. */
    void hurriesBy(Runnable sooner) {
        onHurry = sooner;
    }

    /** Something may be due sooner than it was. */
    void hurry() {
        onHurry.run();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        frames.greet();
        parts.socket.request();
    }

    @Override
    public int readBytesMax() {
        if (state.isArmed()) {
            return Math.min(parts.rate.atMost(parts.allowance.nextRead()), parts.socket.roomBytes());
        }
        // A read that was asked for before the close has to end: refused, it would come again until TLS has said
        // goodbye.
        boolean isUncalled = state.waits() != null || state.phase() == ConnectionPhase.CLOSED;
        return isUncalled ? parts.socket.uncalledRead() : 0;
    }

    /** What the read did not take goes back; what was not read, because it has no room, waits for some. */
    @Override
    public void readEnded() {
        parts.allowance.settle(frames.heldBytes() + parts.socket.heldBytes());
        if (parts.allowance.wasWanting()) {
            state.starved();
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
        state.readOn();
    }

    private void read(ByteBuf buffer) {
        long start = System.nanoTime();
        int bytes = buffer.readableBytes();
        state.read(bytes, start);
        parts.rate.read(bytes);
        parts.line.read(bytes);
        boolean unreserved = parts.allowance.read(bytes);
        parts.deliveries.read(bytes);
        framed(frames.read(buffer, start, unreserved), start);
    }

    private void framed(int events, long start) {
        readEnded();
        if (events > 0) {
            parts.line.leaveReserve(); // a next frame, which a flood has begun already, waits its turn
        }
        parts.deliveries.framed(frames.origin(), System.nanoTime() - start);
        switch (frames.state()) {
            case OPEN, PENDING, DROPPING -> {
                // it goes on
            }
            case GOODBYE -> end(CloseReason.SHIPPER);
            case REFUSED -> end(CloseReason.UNAUTHORIZED);
            case MALFORMED -> end(frames.mistake());
            case FAILED -> close(CloseReason.ERROR);
        }
    }

    /** Goes on with what was read already. */
    void frameOn() {
        if (state.isArmed()) {
            long start = System.nanoTime();
            parts.allowance.nextRead();
            framed(frames.readOn(start), start);
            state.readOn();
        }
    }

    /** What the budget granted is its own now. */
    void granted() {
        state.granted(System.nanoTime());
        hurry();
    }

    /** Its source's rate lets it. */
    void mayRead() {
        state.rateOpened(System.nanoTime());
    }

    /** What keeps the shipper patient, or nothing. */
    Reply keepAlive() {
        return frames.keepAlive();
    }

    /** Replies left. */
    void replied() {
        if (state.waits() == Wait.REPLIES) {
            state.replied(System.nanoTime());
        }
    }

    /** Everything before {@code mark} is answered and has left. */
    void answered(ConnectionEffects.Mark mark) {
        state.answered(mark, System.nanoTime());
        hurry();
    }

    /** The rail took something of this connection. Any thread. */
    void taken() {
        if (state.waits() == Wait.RAIL && !parts.deliveries.isAhead()) {
            channel.eventLoop().execute(guarded(channel, () -> state.taken(System.nanoTime())));
        }
    }

    boolean isArmed() {
        return state.isArmed();
    }

    boolean isInsideFrame() {
        return parts.isInsideFrame();
    }

    /** What it waits for while its reads are stopped. */
    @Nullable
    Wait waits() {
        return state.waits();
    }

    /** How it is. Any thread: what is no volatile here may be a read old, which is good enough to be looked at. */
    ConnectionView view() {
        return new ConnectionView(frames.origin(), state.waits(), state.lastReadNanos(), state.bytes());
    }

    /** Reads what the shipper still sends, then ends. Any thread. */
    void drain() {
        channel.eventLoop().execute(guarded(channel, () -> {
            state.drain(System.nanoTime());
            hurry();
        }));
    }

    /** Ends it when its time is over; now and then. */
    void onTick(long nowNanos) {
        state.tick(nowNanos);
    }

    /** Does what is due. */
    void onDue(long nowNanos) {
        parts.writer.onDue(nowNanos);
        state.due(nowNanos);
    }

    /** How long until something is due. */
    long dueIn(long nowNanos) {
        return Math.min(state.dueIn(nowNanos), parts.replies.dueIn(nowNanos));
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
        state.ended(reason, System.nanoTime());
    }

    void close(CloseReason reason) {
        state.close(reason, System.nanoTime());
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (!isGone) {
            isGone = true;
            parts.replies.forget();
            state.gone(System.nanoTime());
            try {
                lastFrame();
            } finally {
                parts.allowance.close();
                listener.observer().closed(listener.name(), state.why());
                onClosed.run();
                // After it is no longer among those that are open, so that nothing counts twice.
                listener.observer().left(frames.origin().source(), state.bytes());
            }
        }
        context.fireChannelInactive();
    }

    /** What stands without its end is a last frame; but nothing is made of what a bug left. */
    private void lastFrame() {
        if (state.why() != CloseReason.INTERNAL_ERROR) {
            frames.end();
        }
    }
}
