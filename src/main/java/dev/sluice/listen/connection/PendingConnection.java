package dev.sluice.listen.connection;

import static dev.sluice.listen.report.ConnectionFailure.guarded;

import dev.sluice.listen.admission.AcceptFilter;
import dev.sluice.listen.admission.Admission;
import dev.sluice.listen.admission.Gate;
import dev.sluice.listen.admission.Sources;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.netty.ReadDemand;
import dev.sluice.listen.netty.ReadSizer;
import dev.sluice.listen.report.ConnectionFailure;
import dev.sluice.listen.report.ConnectionView;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.listen.report.ListenObserver.Refusal;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One accepted connection, from the accept to its end. It passes the listener's gates in their order; after the last
 * one a {@link ShipperConnection} takes its place in the pipeline of the channel, and from there on it only stands for
 * that one. A gate that has to read puts a handler in front ({@link #putInFront}), and reads are small until then.
 *
 * <p>On the connection's event loop, but for {@link #drain}, {@link #closeForDrain} and {@link #view}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what a close comes to is seen by channelInactive
public final class PendingConnection extends ChannelInboundHandlerAdapter
        implements Admission, ReadDemand, ConnectionSweeper.Swept {

    private static final String NAME = "sluice";

    private final ListenerContext listener;
    private final Channel channel;
    private final Consumer<PendingConnection> onClosed;
    private final ReadSizer sizer = new ReadSizer(this);
    private Iterator<Gate> gates = List.<Gate>of().iterator();
    private @Nullable InetAddress address;
    private @Nullable String subject;
    private Sources.@Nullable Source source;
    private @Nullable ShipperConnection shipper;
    private @Nullable ConnectionSweeper sweeper;
    private final GateState state;

    public PendingConnection(ListenerContext listener, Channel channel, Consumer<PendingConnection> onClosed) {
        this.listener = listener;
        this.channel = channel;
        this.onClosed = onClosed;
        state = new GateState(channel::close, System.nanoTime());
        address = AcceptFilter.addressOf(channel.remoteAddress());
        channel.config().setRecvByteBufAllocator(sizer);
    }

    /** Puts it into the channel's pipeline, at the place where the shipper's connection will stand. */
    public void enter(Consumer<ChannelHandler> pipeline) {
        listener.observer().opened(listener.name());
        pipeline.accept(this);
    }

    /** Leads it through {@code gates}. */
    public void enterGates(List<Gate> all) {
        gates = all.iterator();
        pass();
    }

    @Override
    public Channel channel() {
        return channel;
    }

    @Override
    public @Nullable InetAddress address() {
        return address;
    }

    @Override
    public void setAddress(InetAddress client) {
        address = client;
    }

    @Override
    public void setSubject(String name) {
        subject = name;
    }

    @Override
    public void setDemand(ReadDemand demand) {
        sizer.obey(demand);
    }

    @Override
    public void setTimeLimit(Duration limit, Refusal why) {
        state.limit(limit, why, System.nanoTime());
    }

    @Override
    public void setSilenceLimit(Duration limit) {
        state.limit(limit, null, System.nanoTime());
    }

    @Override
    public void setSource(Sources.Source admitted) {
        source = admitted;
    }

    /** Whose connections it counts among, if they are counted. */
    public Sources.@Nullable Source source() {
        return source;
    }

    @Override
    public void putInFront(String name, ChannelHandler handler) {
        channel.pipeline().addBefore(NAME, name, handler);
        channel.read();
    }

    @Override
    public void putInFront(String name, ChannelHandler first, ChannelHandler second) {
        channel.pipeline().addBefore(NAME, name, first).addBefore(NAME, name + ".found", second);
        channel.read();
    }

    @Override
    public void pass() {
        if (!channel.isActive() || state.isOver()) {
            return;
        }
        if (gates.hasNext()) {
            gates.next().meet(this);
        } else {
            becomeShipper();
        }
    }

    private void becomeShipper() {
        Sources.Source counted = source;
        Shipper who = Shipper.of(subject, address, counted == null ? null : counted.rate());
        ShipperConnection connection = new ShipperConnection(listener, channel, who, () -> onClosed.accept(this));
        connection.hurriesBy(this::hurry);
        shipper = connection;
        sizer.obey(connection);
        channel.pipeline().replace(this, NAME, connection);
        if (state.isDraining()) {
            connection.drain();
        }
    }

    /** How its shipper's connection is; null before it has one. */
    public @Nullable ConnectionView view() {
        ShipperConnection connection = shipper;
        return connection == null ? null : connection.view();
    }

    @Override
    public void onTick(long nowNanos) {
        ShipperConnection connection = shipper;
        if (connection != null) {
            connection.onTick(nowNanos);
        } else {
            state.tick(nowNanos, sizer.hasBrought());
        }
    }

    @Override
    public void onDue(long nowNanos) {
        ShipperConnection connection = shipper;
        if (connection != null) {
            connection.onDue(nowNanos);
        } else {
            state.due(nowNanos);
        }
    }

    @Override
    public long dueIn(long nowNanos) {
        ShipperConnection connection = shipper;
        return connection == null ? state.dueIn(nowNanos) : connection.dueIn(nowNanos);
    }

    @Override
    public void sweptBy(ConnectionSweeper one) {
        sweeper = one;
    }

    private void hurry() {
        ConnectionSweeper one = sweeper;
        if (one != null) {
            one.hurry(this);
        }
    }

    @Override
    public void refuse(Refusal why) {
        state.refuse(why);
    }

    /** Reads what the shipper still sends, then ends; one that is not through the gates may still go through. */
    public void drain() {
        channel.eventLoop().execute(guarded(channel, () -> {
            ShipperConnection connection = shipper;
            if (state.isDraining()) {
                return;
            }
            state.drain(System.nanoTime());
            if (connection != null) {
                connection.drain();
            } else {
                hurry();
            }
        }));
    }

    public void closeForDrain() {
        channel.eventLoop().execute(guarded(channel, () -> {
            ShipperConnection connection = shipper;
            if (connection != null) {
                connection.closeForDrain();
            } else {
                state.dismiss(CloseReason.DRAIN);
            }
        }));
    }

    @Override
    public int readBytesMax() {
        return MemoryBudget.UNRESERVED_READ_BYTES;
    }

    @Override
    public void readEnded() {
        // the handlers in front hold what it brought
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ReferenceCountUtil.release(message); // no gate reads: Netty looked whether the shipper is gone
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            state.close(CloseReason.SHIPPER);
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        state.close(ConnectionFailure.of(listener.name(), cause));
    }

    /** It ended before it was a shipper's. */
    @Override
    public void channelInactive(ChannelHandlerContext context) {
        Refusal why = state.refusal();
        if (why != null) {
            listener.observer().refused(listener.name(), why);
        } else {
            listener.observer().closed(listener.name(), state.why());
        }
        onClosed.accept(this);
        context.fireChannelInactive();
    }
}
