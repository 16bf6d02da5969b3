package dev.sluice.listen.connection;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.Delivery;
import dev.sluice.event.FrameBatch;
import dev.sluice.event.Rows;
import dev.sluice.event.RuleSet;
import dev.sluice.listen.CountingObserver;
import dev.sluice.listen.admission.Gate;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.intake.Intake;
import dev.sluice.listen.intake.Lines;
import dev.sluice.listen.report.ListenObserver;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DuplexChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/** A connection on its way through gates, without a socket; what comes through is stored at once. */
final class FuzzedConnection {

    /** What became of it. */
    record Outcome(
            List<ListenObserver.Refusal> refused, List<ListenObserver.CloseReason> closed, List<String> sources) {}

    final MemoryBudget budget = new MemoryBudget(4 << 20);
    final CountingObserver observer = new CountingObserver();
    final Channel channel = new Channel();
    private final Intake intake = new Intake(budget, () -> RuleSet.NONE, ArrayPool.none());

    /** Of each event. */
    private final List<String> sources = new ArrayList<>();

    FuzzedConnection(Gate gate) {
        intake.subscribe(new Rail());
        PendingConnection arrival = new PendingConnection(
                EmbeddedShipper.context(Lines.FRAMING, budget, intake, observer), channel, gone -> {});
        arrival.enter(handler -> channel.pipeline().addLast("sluice", handler));
        arrival.enterGates(List.of(gate));
    }

    /**
     * Reads {@code bytes}, unless it is closed. An embedded channel takes its handlers out in the midst of what closes
     * it; what they throw then reaches nobody, and counts for nothing.
     */
    void read(byte[] bytes) {
        if (!channel.isOpen() || bytes.length == 0) {
            return;
        }
        try {
            channel.writeInbound(Unpooled.copiedBuffer(bytes));
            channel.checkException();
        } catch (Exception thrown) {
            if (channel.isOpen()) {
                throw thrown;
            }
        }
    }

    /** Reads {@code stream} in pieces of {@code size} bytes. */
    void readInPieces(byte[] stream, int size) {
        for (int at = 0; at < stream.length; at += size) {
            read(Arrays.copyOfRange(stream, at, Math.min(stream.length, at + size)));
        }
    }

    /** The shipper goes; what became of it all. */
    Outcome close() {
        channel.finishAndReleaseAll();
        channel.runPendingTasks();
        return new Outcome(List.copyOf(observer.refused), List.copyOf(observer.closed), List.copyOf(sources));
    }

    /** Netty's, with a place of origin, and with ends that close one by one. */
    static final class Channel extends EmbeddedChannel implements DuplexChannel {
        @Override
        protected SocketAddress remoteAddress0() {
            return isOpen() ? new InetSocketAddress("10.9.9.9", 1) : null;
        }

        @Override
        public boolean isInputShutdown() {
            return false;
        }

        @Override
        public boolean isOutputShutdown() {
            return false;
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public ChannelFuture shutdownInput() {
            return newSucceededFuture();
        }

        @Override
        public ChannelFuture shutdownInput(ChannelPromise promise) {
            return promise.setSuccess();
        }

        @Override
        public ChannelFuture shutdownOutput() {
            return newSucceededFuture();
        }

        @Override
        public ChannelFuture shutdownOutput(ChannelPromise promise) {
            return promise.setSuccess();
        }

        @Override
        public ChannelFuture shutdown() {
            return newSucceededFuture();
        }

        @Override
        public ChannelFuture shutdown(ChannelPromise promise) {
            return promise.setSuccess();
        }
    }

    private final class Rail extends BaseSubscriber<FrameBatch> {
        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            requestUnbounded();
            intake.hungry();
        }

        @Override
        protected void hookOnNext(FrameBatch frameBatch) {
            for (Delivery delivery : frameBatch.deliveries()) {
                for (int i = 0; i < delivery.frames(); i++) {
                    sources.add(delivery.origin().source());
                }
                delivery.ack().run();
            }
            intake.encoded(frameBatch, new Rows(List.of(), new byte[0], List.of()));
            intake.hungry();
        }
    }
}
