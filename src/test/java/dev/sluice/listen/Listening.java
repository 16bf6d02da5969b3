package dev.sluice.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.Delivery;
import dev.sluice.event.FrameBatch;
import dev.sluice.event.Rows;
import dev.sluice.event.RuleSet;
import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.admission.Network;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.intake.Framing;
import dev.sluice.listen.intake.Intake;
import dev.sluice.listen.intake.Lines;
import dev.sluice.listen.tls.TlsCredentials;
import dev.sluice.testing.Await;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.netty.resources.LoopResources;

/** A listener on the loopback with limits of its own; what it reads is stored at once, and acknowledged. */
public final class Listening implements AutoCloseable {

    public final MemoryBudget budget = new MemoryBudget(4 << 20);
    public final CountingObserver observer = new CountingObserver();
    public final AtomicLong stored = new AtomicLong();
    private volatile boolean isUncountedStored;
    public final Queue<String> sources = new ConcurrentLinkedQueue<>();
    public final TcpListener listener;
    private final Intake intake = new Intake(budget, () -> RuleSet.NONE, ArrayPool.none());
    private final LoopResources loops;
    private final List<Socket> sockets = new ArrayList<>();

    public Listening(Limits limits) {
        this(limits, Lines.FRAMING, null);
    }

    public Listening(Limits limits, Framing framing, @Nullable List<Network> proxies) {
        this(framing, new ListenerSettings("main", "127.0.0.1", 0, limits, proxies, null));
    }

    public Listening(TlsCredentials tls, Limits limits) {
        this(tls, limits, Lines.FRAMING);
    }

    public Listening(TlsCredentials tls, Limits limits, Framing framing) {
        this(framing, new ListenerSettings("main", "127.0.0.1", 0, limits, null, tls));
    }

    public Listening(TlsCredentials tls, Limits limits, List<Network> proxies) {
        this(Lines.FRAMING, new ListenerSettings("main", "127.0.0.1", 0, limits, proxies, tls));
    }

    /** All of its connections are on one event loop. */
    public static Listening onOneLoop(TlsCredentials tls, Limits limits, @Nullable List<Network> proxies) {
        return new Listening(Lines.FRAMING, new ListenerSettings("main", "127.0.0.1", 0, limits, proxies, tls), 1);
    }

    private Listening(Framing framing, ListenerSettings settings) {
        this(framing, settings, 2);
    }

    private Listening(Framing framing, ListenerSettings settings, int loopCount) {
        loops = LoopResources.create("test-limits", 1, loopCount, true);
        listener = new TcpListener(settings, framing, intake, observer, loops);
        intake.subscribe(new Rail());
        intake.hungry();
        listener.start();
    }

    public Socket connect() throws IOException {
        return connectFrom("127.0.0.1");
    }

    /** Any address of the loopback network may be the source. */
    public Socket connectFrom(String address) throws IOException {
        Socket socket = new Socket("127.0.0.1", listener.port(), InetAddress.ofLiteral(address), 0);
        sockets.add(socket);
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** From here on no event loop of the shippers does anything, until {@code held} is counted down. */
    public void hold(CountDownLatch held) {
        hold(loops.onServer(true), held);
    }

    /** From here on nothing is accepted, until {@code held} is counted down. */
    void holdAccepts(CountDownLatch held) {
        hold(loops.onServerSelect(true), held);
    }

    private static void hold(EventLoopGroup group, CountDownLatch held) {
        List<EventExecutor> all = new ArrayList<>();
        group.forEach(all::add);
        CountDownLatch busy = new CountDownLatch(all.size());
        all.forEach(loop -> loop.execute(() -> {
            busy.countDown();
            Await.until("let go", () -> held.getCount() == 0);
        }));
        Await.until("held", () -> busy.getCount() == 0);
    }

    /** From here on each turn of the shippers' event loops takes so long, after its reads. */
    void slowDown(int millis) {
        loops.onServer(true).forEach(loop -> slowTurn(loop, millis));
    }

    private static void slowTurn(EventExecutor loop, int millis) {
        var _ = loop.schedule(
                () -> {
                    slowTurn(loop, millis);
                    Await.pause(millis);
                },
                0,
                TimeUnit.MILLISECONDS);
    }

    /** Also checks that nothing is left behind. */
    @Override
    public void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        Await.until("all are closed", () -> listener.connections() == 0);
        listener.drain(Duration.ofSeconds(5)).block(Duration.ofSeconds(10));
        assertThat(observer.throttled).hasValue(0);
        assertThat(isUncountedStored).as("stored before it was received").isFalse();
        assertThat(observer.opened.get()).isEqualTo(observer.closed.size() + observer.refused.size());
        Await.until("all is given back", () -> budget.inFlight() == 0);
        loops.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block(Duration.ofSeconds(10));
    }

    private final class Rail extends BaseSubscriber<FrameBatch> {
        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            requestUnbounded();
        }

        @Override
        protected void hookOnNext(FrameBatch frameBatch) {
            for (Delivery delivery : frameBatch.deliveries()) {
                sources.add(delivery.origin().source());
                long all = stored.addAndGet(delivery.frames());
                isUncountedStored |= all > observer.events.get() || all > observer.bytes.get();
                delivery.ack().run();
            }
            intake.encoded(frameBatch, new Rows(List.of(new Rows.Piece(new byte[1], 1)), new byte[0], List.of()));
            intake.stored(1);
            intake.hungry();
        }
    }
}
