package dev.sluice.listen;

import static dev.sluice.listen.ConnectionFailure.guarded;

import dev.sluice.listen.ListenObserver.CloseReason;
import dev.sluice.listen.ListenObserver.Refusal;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One accepted connection, from the accept to its end. It passes the listener's gates in their order; after the last
 * one a {@link ShipperConnection} takes its place in the pipeline of the channel, and from there on it only stands for
 * that one. A gate that has to read puts a handler in front ({@link #putInFront}), and reads are small until then.
 *
 * <p>On the connection's event loop, but for {@link #drain} and {@link #closeForDrain}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what a close comes to is seen by channelInactive
final class Arrival extends ChannelInboundHandlerAdapter implements ReadDemand, Rounds.Visited {

    private static final String NAME = "sluice";

    /** For all gates together, where none says otherwise. */
    private static final Duration GATES_TIME_MAX = Duration.ofSeconds(10);

    /** How often Sluice, which wants to end, looks at one that is not through the gates. */
    private static final long LOOK_MILLIS = 250;

    /** And how many looks that one has; looks, because a process that stands still does not look. */
    private static final int LOOKS_MAX = 8;

    private final ListenerContext listener;
    private final Channel channel;
    private final Consumer<Arrival> onClosed;
    private final ReadSizer sizer = new ReadSizer(this);
    private List<Gate> gates = List.of();
    private int passed;
    private @Nullable InetAddress address;
    private @Nullable String subject;
    private Sources.@Nullable Source source;
    private @Nullable ShipperConnection shipper;
    private @Nullable Refusal refusal;
    private CloseReason closeReason = CloseReason.SHIPPER;
    private Patience patience = new Patience(GATES_TIME_MAX, System.nanoTime());
    private @Nullable Refusal tooLate = Refusal.ARRIVAL_TIMEOUT;
    private boolean draining;
    private int looks;

    /** It was sent away, which is nobody's fault: what its gates make of the close counts for nothing. */
    private boolean isDismissed;

    Arrival(ListenerContext listener, Channel channel, Consumer<Arrival> onClosed) {
        this.listener = listener;
        this.channel = channel;
        this.onClosed = onClosed;
        address = Threshold.addressOf(channel.remoteAddress());
        channel.config().setRecvByteBufAllocator(sizer);
    }

    /** Puts it into the channel's pipeline, at the place where the shipper's connection will stand. */
    void enter(Consumer<ChannelHandler> pipeline) {
        listener.observer().opened(listener.name());
        pipeline.accept(this);
    }

    /** Leads it through {@code gates}. */
    void goThrough(List<Gate> all) {
        gates = all;
        meetNext();
    }

    @Override
    public Channel channel() {
        return channel;
    }

    /** Where it comes from, if that is known: the address of the socket, or what a proxy said. */
    @Nullable
    InetAddress address() {
        return address;
    }

    /** A proxy says where it comes from. */
    void comesFrom(InetAddress client) {
        address = client;
    }

    /** The shipper proved who it is: its certificate's name stands for its address as the source of its events. */
    void isCalled(String name) {
        subject = name;
    }

    /** From here on {@code demand} says how much a read may take, until there is a shipper's connection. */
    void readBy(ReadDemand demand) {
        sizer.obey(demand);
    }

    /** From here on it may take so long for the gates; longer is refused as {@code why}. */
    void mayTake(Duration limit, Refusal why) {
        patience = new Patience(limit, System.nanoTime());
        tooLate = why;
    }

    /** The gate at hand waits for nothing but a first byte, for so long. */
    void mayBeSilent(Duration limit) {
        patience = new Patience(limit, System.nanoTime());
        tooLate = null;
    }

    /** It counts as a connection of {@code admitted}. */
    void countsFor(Sources.Source admitted) {
        source = admitted;
    }

    /** Whose connections it counts among, if they are counted. */
    Sources.@Nullable Source source() {
        return source;
    }

    /** Puts a handler in front of the place where the shipper's connection will stand; it is the gate's to remove. */
    void putInFront(String name, ChannelHandler handler) {
        channel.pipeline().addBefore(NAME, name, handler);
        channel.read();
    }

    /** Puts two of them there, in this order. */
    void putInFront(String name, ChannelHandler first, ChannelHandler second) {
        channel.pipeline().addBefore(NAME, name, first).addBefore(NAME, name + ".found", second);
        channel.read();
    }

    /** It has passed the gate at hand. */
    void pass() {
        passed++;
        meetNext();
    }

    private void meetNext() {
        if (!channel.isActive() || refusal != null || isDismissed) {
            return;
        }
        if (passed < gates.size()) {
            gates.get(passed).meet(this);
        } else {
            becomeShipper();
        }
    }

    private void becomeShipper() {
        ShipperConnection connection = new ShipperConnection(listener, channel, who(), () -> onClosed.accept(this));
        shipper = connection;
        sizer.obey(connection);
        channel.pipeline().replace(this, NAME, connection);
        if (draining) {
            connection.drain();
        }
    }

    private Shipper who() {
        Sources.Source counted = source;
        return Shipper.of(subject, address, counted == null ? null : counted.rate());
    }

    @Override
    public void visit(long nowNanos) {
        ShipperConnection connection = shipper;
        if (connection != null) {
            connection.visit(nowNanos);
        } else if (patience.isOver(nowNanos, sizer.hasBrought())) {
            isTooLate();
        }
    }

    private void isTooLate() {
        Refusal why = tooLate;
        if (why == null) {
            dismiss(CloseReason.FIRST_BYTE_TIMEOUT);
        } else {
            refuse(why);
        }
    }

    /** Closes it, and counts why. */
    void refuse(Refusal why) {
        if (refusal == null && !isDismissed) {
            refusal = why;
            channel.close();
        }
    }

    /** Reads what the shipper still sends, then ends; one that is not through the gates may still go through. */
    void drain() {
        channel.eventLoop().execute(guarded(channel, () -> {
            if (!draining) {
                draining = true;
                drainNow();
            }
        }));
    }

    private void drainNow() {
        ShipperConnection connection = shipper;
        if (connection != null) {
            connection.drain();
        } else {
            lookLater();
        }
    }

    private void lookLater() {
        channel.eventLoop().schedule(guarded(channel, this::look), LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        if (shipper != null || !channel.isOpen()) {
            return; // its connection looks for itself
        }
        looks++;
        if (looks < LOOKS_MAX) {
            lookLater();
        } else {
            dismiss(CloseReason.DRAIN);
        }
    }

    void closeForDrain() {
        channel.eventLoop().execute(guarded(channel, () -> {
            ShipperConnection connection = shipper;
            if (connection != null) {
                connection.closeForDrain();
            } else {
                dismiss(CloseReason.DRAIN);
            }
        }));
    }

    @Override
    public int readBytesMax() {
        return MemoryBudget.OVERDRAFT_BYTES;
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
            close(CloseReason.SHIPPER);
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        close(ConnectionFailure.of(listener.name(), cause));
    }

    private void dismiss(CloseReason why) {
        isDismissed = true;
        close(why);
    }

    private void close(CloseReason why) {
        closeReason = why;
        channel.close();
    }

    /** It ended before it was a shipper's. */
    @Override
    public void channelInactive(ChannelHandlerContext context) {
        Refusal why = refusal;
        if (why != null) {
            listener.observer().refused(listener.name(), why);
        } else {
            listener.observer().closed(listener.name(), closeReason);
        }
        onClosed.accept(this);
        context.fireChannelInactive();
    }
}
