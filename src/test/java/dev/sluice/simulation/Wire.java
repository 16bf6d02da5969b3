package dev.sluice.simulation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * A TCP connection between a channel of the code under test and a far end that is a model. Bytes take their time, come
 * in pieces of any size, in order, and not at all while the wire is cut.
 */
final class Wire implements Uplink {

    /** What is under way or unread in each direction at most; then the sender waits. */
    static final int WINDOW = 128 * 1024;

    /** What a reader has room for who is slow, and how long it takes for it. */
    private static final int NARROW = 40;

    private static final Duration SLOW = Duration.ofMillis(500);

    /** The model at the other end. */
    interface FarEnd {

        /** The connection was asked for; null accepts it. */
        default Exception connected(Wire wire) {
            return null;
        }

        void received(ByteBuf bytes);

        /** The other side sends no more, or is gone without a word. */
        void ended(boolean isReset);
    }

    private final VirtualTime time;
    private final SplittableRandom random;
    private Duration delayMax;
    private final IntFunction<FarEnd> network;
    private FarEnd far;
    private InetSocketAddress address;

    private VirtualChannel near;
    private final ByteBuf inbound = Unpooled.buffer();
    private long nearArrival;
    private long farArrival;
    private int underWay;
    private int window = WINDOW;
    private boolean isEnded;
    private boolean isReset;
    private boolean isNearClosed;

    /** While it is cut nothing arrives on either side. */
    private boolean isCut;

    /** One that a channel connects; what is at the other end is found by its port. */
    Wire(VirtualTime time, SplittableRandom random, Duration delayMax, IntFunction<FarEnd> network) {
        this.time = time;
        this.random = random;
        this.delayMax = delayMax;
        this.network = network;
    }

    /** One that comes from the other end. */
    Wire(VirtualTime time, SplittableRandom random, Duration delayMax, InetSocketAddress address, FarEnd far) {
        this(time, random, delayMax, port -> far);
        this.address = address;
        this.far = far;
    }

    void attach(VirtualChannel channel) {
        near = channel;
    }

    SocketAddress farAddress() {
        return address;
    }

    /** Nothing arrives any more, and nobody is told. */
    void cut() {
        isCut = true;
    }

    // The side of the channel.

    void connect(InetSocketAddress remote, Consumer<Exception> answer) {
        address = remote;
        far = network.apply(remote.getPort());
        toFar(() -> {
            Exception refusal = far.connected(this);
            toNear(() -> answer.accept(refusal));
        });
    }

    int available() {
        return inbound.readableBytes();
    }

    boolean isEnded() {
        return isEnded;
    }

    boolean isReset() {
        return isReset;
    }

    int read(ByteBuf into) {
        int length = Math.min(into.writableBytes(), inbound.readableBytes());
        into.writeBytes(inbound, length);
        inbound.discardReadBytes();
        return length;
    }

    /** Bytes that fit; the channel is told when there is room for more. */
    int write(ByteBuf bytes) {
        int length = Math.min(bytes.readableBytes(), window - underWay);
        int from = bytes.readerIndex();
        for (int done = 0; done < length; ) {
            int piece = Math.min(length - done, 1 + random.nextInt(32 * 1024));
            ByteBuf copy = Unpooled.copiedBuffer(bytes.slice(from + done, piece));
            underWay += piece;
            toFar(() -> {
                underWay -= copy.readableBytes();
                far.received(copy);
                if (!isNearClosed) {
                    near.writable();
                }
            });
            done += piece;
        }
        return length;
    }

    void end() {
        toFar(() -> far.ended(false));
    }

    void close(boolean withReset) {
        if (!isNearClosed) {
            isNearClosed = true;
            if (far != null) { // it was connected to something
                toFar(() -> far.ended(withReset));
            }
        }
    }

    // The side of the model.

    @Override
    public void send(ByteBuf bytes) {
        toNear(() -> {
            if (isNearClosed) {
                refuse();
            } else {
                inbound.writeBytes(bytes);
                near.readable();
            }
        });
    }

    @Override
    public void readSlowly() {
        window = NARROW;
        delayMax = SLOW;
    }

    @Override
    public int unread() {
        return inbound.readableBytes();
    }

    @Override
    public void endFar() {
        toNear(() -> {
            isEnded = true;
            if (isNearClosed) {
                refuse();
            } else {
                near.readable();
            }
        });
    }

    /** The answer of a kernel to what comes after the close. */
    private void refuse() {
        toFar(() -> far.ended(true));
    }

    /** A reset overtakes nothing, but what is unread is lost. */
    @Override
    public void reset() {
        toNear(() -> {
            isReset = true;
            inbound.clear();
            near.readable();
        });
    }

    private void toNear(Runnable arrival) {
        nearArrival = arrive(nearArrival, arrival);
    }

    private void toFar(Runnable arrival) {
        farArrival = arrive(farArrival, arrival);
    }

    /** After everything that was sent before in this direction. */
    private long arrive(long after, Runnable arrival) {
        long at = Math.max(after, time.nanos() + random.nextLong(1 + delayMax.toNanos()));
        time.at(at, () -> {
            if (!isCut) {
                arrival.run();
            }
        });
        return at;
    }
}
