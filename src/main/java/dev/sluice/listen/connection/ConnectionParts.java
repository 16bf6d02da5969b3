package dev.sluice.listen.connection;

import static dev.sluice.listen.report.ConnectionFailure.guarded;

import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.listen.budget.ReadAllowance;
import dev.sluice.listen.intake.FrameAssembler;
import dev.sluice.listen.intake.FramingState;
import dev.sluice.listen.report.ListenObserver;
import dev.sluice.listen.report.ListenObserver.Pause;
import dev.sluice.listen.report.ListenObserver.Wait;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * What one connection is made of beside its {@link ConnectionState}: answers what that asks and does what it decides.
 * On the connection's event loop only.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what a close comes to is seen by channelInactive
final class ConnectionParts implements ConnectionFacts, ConnectionEffects {

    final FrameAssembler frames;
    final ReadAllowance allowance;
    final SocketReads socket;
    final BudgetWaiter line;
    final ReplyWriter writer;
    final Replies replies;
    final Deliveries deliveries;
    final RateLimitedReads rate;
    private final ShipperConnection connection;
    private final Channel channel;
    private final ListenObserver observer;
    private @Nullable Pause pause;

    ConnectionParts(ShipperConnection connection, ListenerContext listener, Channel channel, Shipper shipper) {
        this.connection = connection;
        this.channel = channel;
        observer = listener.observer();
        allowance = new ReadAllowance(listener.budget(), listener.budget().join(shipper.group()));
        Origin undetected = Origin.of(listener.name(), shipper.source(), Protocol.SYSLOG);
        socket = new SocketReads(connection, channel, allowance);
        line = new BudgetWaiter(connection, channel, listener.budget(), allowance);
        writer = new ReplyWriter(channel, observer, connection, allowance);
        replies = writer.replies();
        deliveries = new Deliveries(connection, listener, allowance, writer);
        frames = new FrameAssembler(listener.framing(), undetected, deliveries);
        rate = new RateLimitedReads(connection, channel, shipper.rate());
    }

    @Override
    public boolean isOnReserve() {
        return line.isOnReserve();
    }

    @Override
    public boolean isAhead() {
        return deliveries.isAhead();
    }

    @Override
    public boolean hasManyReplies() {
        return replies.isFull();
    }

    @Override
    public boolean isAboveRate() {
        return rate.mustWait();
    }

    @Override
    public boolean isBudgetSpent() {
        return allowance.mustWait(frames.state() == FramingState.PENDING);
    }

    @Override
    public boolean isAnswered() {
        return replies.isIdle();
    }

    @Override
    public boolean isInsideFrame() {
        return frames.isInsideFrame() || socket.heldBytes() > 0;
    }

    @Override
    public boolean isDropping() {
        return frames.state() == FramingState.DROPPING;
    }

    @Override
    public long stuckNanos(long nowNanos) {
        return replies.poll(nowNanos);
    }

    @Override
    public boolean isWanted() {
        return allowance.isWanted();
    }

    @Override
    public boolean isTooSlow(long nowNanos, boolean isAsked) {
        return line.isTooSlow(nowNanos, isAsked);
    }

    @Override
    public void read() {
        if (frames.state() == FramingState.PENDING) {
            channel.eventLoop().execute(guarded(channel, connection::frameOn));
        } else {
            socket.request();
        }
    }

    @Override
    public void paused(Wait why) {
        writer.paused(true);
        pause = observer.throttled(frames.origin(), why);
    }

    @Override
    public void resumed() {
        writer.paused(false);
        Pause over = pause;
        if (over != null) {
            pause = null;
            over.end();
        }
    }

    @Override
    public void joinBudget() {
        line.join();
    }

    @Override
    public void joinRate() {
        rate.join();
    }

    @Override
    public void leaveLines() {
        line.leave();
        rate.leave();
    }

    @Override
    public void liftRate() {
        rate.lift();
    }

    @Override
    public void giveGrantBack() {
        connection.readEnded();
        line.leaveUnusedReserve();
    }

    @Override
    public void sayFarewell() {
        frames.farewell();
    }

    @Override
    public void tellWhenAnswered(Mark mark) {
        replies.mark(mark);
    }

    @Override
    public void shutdownOutput() {
        socket.shutdownOutput(replies.hasAcknowledged());
    }

    @Override
    public void close() {
        channel.close();
    }
}
