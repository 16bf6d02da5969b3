package dev.sluice.listen;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.FrameBatch;
import dev.sluice.event.Rows;
import dev.sluice.event.RuleSet;
import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.budget.ReadAllowance;
import dev.sluice.listen.budget.ReadSource;
import dev.sluice.listen.budget.Spending;
import dev.sluice.listen.intake.Intake;
import dev.sluice.listen.intake.Lines;
import dev.sluice.listen.report.ListenObserver;
import dev.sluice.listen.tls.TlsCredentials;
import dev.sluice.testing.Await;
import dev.sluice.testing.BesideOthers;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.netty.resources.LoopResources;

/** Real sockets on the loopback, and a rail that asks only when a test says so. */
@BesideOthers
class TcpListenerTest {

    private static final int CONNECTIONS_MAX = 200;
    private static final long RESERVE = 256 * 1024 + ReadAllowance.READ_BYTES;

    final MemoryBudget budget = new MemoryBudget(4 << 20);
    private final Intake intake = new Intake(budget, () -> RuleSet.NONE, ArrayPool.none());
    final CountingObserver observer = new CountingObserver();
    private final LoopResources loops = LoopResources.create("test-listen", 1, 2, true);
    final TcpListener listener = new TcpListener(
            new ListenerSettings("main", "127.0.0.1", 0, Limits.ofConnections(CONNECTIONS_MAX), null, tls()),
            Lines.FRAMING,
            intake,
            observer,
            loops);
    final Rail rail = new Rail();
    final List<Socket> sockets = new ArrayList<>();

    /** What the connections of these tests speak TLS with. */
    @Nullable
    TlsCredentials tls() {
        return null;
    }

    @BeforeEach
    void start() {
        intake.subscribe(rail);
        listener.start();
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        rail.flow();
        Await.until("all are closed", () -> listener.connections() == 0);
        listener.drain(Duration.ofSeconds(5)).block(Duration.ofSeconds(10));
        assertThat(observer.throttled).hasValue(0);
        intake.hungry();
        Await.until("all is given back", () -> budget.inFlight() == 0);
        loops.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block(Duration.ofSeconds(10));
    }

    @Test
    void withoutDemandReadsStopAndTheShipperBlocks() throws IOException {
        AtomicLong sent = flood(connect(), "x".repeat(99) + "\n");
        Await.until("reads stop", () -> observer.bytes.get() >= ReadAllowance.AHEAD_BYTES);
        awaitStandstill(sent);
        assertThat(observer.bytes.get()).isLessThanOrEqualTo(2L * ReadAllowance.AHEAD_BYTES);
        assertThat(sent.get()).isGreaterThan(observer.bytes.get());
        assertThat(observer.throttled).hasValue(1);
        assertThat(observer.waits).endsWith(ListenObserver.Wait.RAIL);
        assertThat(observer.closed).isEmpty();
        long before = sent.get();
        rail.flow();
        Await.until("the shipper goes on", () -> sent.get() > before + (1 << 20));
    }

    @Test
    void twoHundredConnectionsStayWithinTheBudget() throws IOException {
        List<AtomicLong> sent = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS_MAX; i++) {
            sent.add(flood(connect(), "x".repeat(20 << i % 10) + "\n"));
        }
        long most = 0;
        for (int i = 0; i < 500; i++) {
            most = Math.max(most, budget.inFlight());
            Await.pause(2);
        }
        assertThat(most).isLessThanOrEqualTo(readShare());
        assertThat(observer.closed).isEmpty();
        rail.flow();
        for (int i = 0; i < 500; i++) {
            most = Math.max(most, budget.inFlight());
            Await.pause(2);
        }
        assertThat(most).isLessThanOrEqualTo(budget.limit() + unreservedReads() + RESERVE);
        List<Long> before = sent.stream().map(AtomicLong::get).toList();
        for (int i = 0; i < CONNECTIONS_MAX; i++) {
            int shipper = i;
            Await.until("every shipper is served", () -> sent.get(shipper).get() > before.get(shipper));
        }
        assertThat(observer.closed).isEmpty();
    }

    @Test
    void partialFramesThatSpendTheBudgetDoNotBlockEachOther() throws IOException {
        rail.flow();
        List<Socket> shippers = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Socket socket = connect();
            socket.getOutputStream().write("x".repeat(60_000).getBytes(US_ASCII));
            shippers.add(socket);
        }
        Await.until("the share is spent", () -> observer.bytes.get() > 512 * 1024);
        for (Socket socket : shippers) {
            socket.getOutputStream().write(("x".repeat(100_000) + "\n").getBytes(US_ASCII));
        }
        Await.until("all frames are complete", () -> observer.events.get() == 40);
        assertThat(observer.closed).isEmpty();
    }

    @Test
    void aTinyDeliveryCountsWhatItTakesBesidesItsBytes() throws IOException {
        Socket shipper = connect();
        for (int i = 1; i <= 10; i++) {
            int sent = i;
            shipper.getOutputStream().write("x\n".getBytes(US_ASCII));
            Await.until("read", () -> observer.events.get() == sent);
        }
        assertThat(budget.inFlight()).isGreaterThan(10 * 100);
    }

    @Test
    void whoFallsSilentInAFrameWhileOthersWaitForItsMemoryIsClosed() throws IOException {
        partialFrames(17, 65_000);
        Socket waiting = connect();
        waiting.getOutputStream().write("x".repeat(100_000).getBytes(US_ASCII));
        Await.until("closed", () -> observer.closed.contains(ListenObserver.CloseReason.FRAME_TIMEOUT));
        rail.flow();
        waiting.getOutputStream().write('\n');
        Await.until("the other is read", () -> observer.events.get() > observer.closed.size());
    }

    @Test
    void whoSendsOnInAFrameIsNotClosed() throws IOException {
        rail.flow();
        Socket slow = connect();
        slow.getOutputStream().write("s".repeat(60_000).getBytes(US_ASCII));
        partialFrames(16, 65_000);
        connect().getOutputStream().write("x".repeat(100_000).getBytes(US_ASCII));
        for (int i = 0; i < 15; i++) {
            Await.pause(500);
            slow.getOutputStream().write("s".repeat(4_000).getBytes(US_ASCII));
        }
        Await.until("others are closed", () -> observer.closed.contains(ListenObserver.CloseReason.FRAME_TIMEOUT));
        slow.getOutputStream().write('\n');
        Await.until("complete", () -> observer.events.get() > observer.closed.size());
    }

    /** What is read without a grant is little, so that others are read beside it. */
    @Test
    void aByteNowAndThenDoesNotKeepAFrameAlive() throws IOException {
        List<Socket> hostile = partialFrames(30, 120_000);
        rail.flow();
        Socket good = connect();
        for (int i = 1; i <= 20 || observer.closed.size() < 5; i++) {
            int sent = i;
            good.getOutputStream().write("a short one\n".getBytes(US_ASCII));
            Await.until("the short one is read", () -> observer.events.get() >= sent + observer.closed.size());
            for (Socket socket : hostile) {
                trickle(socket);
            }
            Await.pause(200);
            assertThat(i).as("looks").isLessThan(150);
        }
        assertThat(observer.closed).containsOnly(ListenObserver.CloseReason.FRAME_TIMEOUT);
    }

    private static void trickle(Socket socket) {
        try {
            socket.getOutputStream().write('x');
        } catch (IOException closed) {
            // it may be
        }
    }

    private List<Socket> partialFrames(int many, int bytes) throws IOException {
        List<Socket> shippers = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            Socket socket = connect();
            socket.getOutputStream().write("x".repeat(bytes).getBytes(US_ASCII));
            shippers.add(socket);
        }
        Await.until("read", () -> observer.bytes.get() >= Math.min((long) many * bytes, 500_000));
        return shippers;
    }

    @Test
    void whoHasTheReserveLeavesItWhenItsFrameIsComplete() throws IOException {
        for (int i = 0; i < 16; i++) {
            connect().getOutputStream().write("x".repeat(70_000).getBytes(US_ASCII));
        }
        List<AtomicLong> floods = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            floods.add(flood(connect(), "y".repeat(30_011) + "\n"));
        }
        floods.forEach(TcpListenerTest::awaitStandstill);
        assertThat(budget.inFlight()).isLessThanOrEqualTo(readShare());
    }

    @Test
    void connectionsBeyondTheMaximumAreRefusedAndCounted() throws IOException {
        for (int i = 0; i < CONNECTIONS_MAX; i++) {
            connect();
        }
        Await.until("all are open", () -> listener.connections() == CONNECTIONS_MAX);
        try (Socket refused = new Socket("127.0.0.1", listener.port())) {
            assertThat(refused.getInputStream().read()).isEqualTo(-1);
        }
        Await.until("counted", () -> observer.refused.size() == 1);
        assertThat(observer.refused).containsExactly(ListenObserver.Refusal.MAX_CONNECTIONS);
        assertThat(observer.closed).isEmpty();
        sockets.removeFirst().close();
        Await.until("one is gone", () -> listener.connections() == CONNECTIONS_MAX - 1);
        connect();
        Await.until("another has its place", () -> listener.connections() == CONNECTIONS_MAX);
    }

    @Test
    void aHealthCheckThatConnectsAndClosesIsNoError() throws IOException {
        connect().close();
        Await.until("closed", () -> observer.closed.size() == 1);
        assertThat(observer.closed).containsExactly(ListenObserver.CloseReason.SHIPPER);
        assertThat(observer.events).hasValue(0);
    }

    @Test
    void aHalfCloseDeliversTheLastLine() throws IOException {
        rail.flow();
        Socket socket = connect();
        socket.getOutputStream().write("one\ntwo".getBytes(US_ASCII));
        socket.shutdownOutput();
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
        Await.until("both are taken, and it is closed", () -> rail.events.get() == 2 && !observer.closed.isEmpty());
        assertThat(observer.closed).containsExactly(ListenObserver.CloseReason.SHIPPER);
        assertThat(observer.events).as("counted as received").hasValue(2);
    }

    /** Netty hears of the bytes and of the end after them in one event; the pause falls in between. */
    @Test
    void whatStandsInFrontOfTheEndIsReadAfterAPause() throws Exception {
        Socket socket = connect();
        Await.until("accepted", () -> observer.opened.get() == 1);
        CountDownLatch sent = holdEventLoops();
        sendAndEnd(socket, ("x".repeat(99) + "\n").repeat(4_000));
        Await.pause(100);
        sent.countDown();
        Await.until("paused", () -> observer.throttled.get() == 1);
        assertThat(observer.bytes.get()).isLessThan(400_000);
        Await.pause(100);
        rail.flow();
        Await.until("closed", () -> !observer.closed.isEmpty());
        assertThat(observer.events).hasValue(4_000);
        assertThat(observer.closed).containsExactly(ListenObserver.CloseReason.SHIPPER);
    }

    /** The same without a byte of budget. */
    @Test
    void whatStandsInFrontOfTheEndIsReadWhenTheBudgetHasRoomAgain() throws Exception {
        rail.flow();
        Socket socket = connect();
        Await.until("accepted", () -> observer.opened.get() == 1);
        int spent = (int) (budget.limit() / 4);
        ReadSource source = budget.join("10.0.0.1");
        Spending.read(budget, source, spent);
        CountDownLatch sent = holdEventLoops();
        sendAndEnd(socket, ("x".repeat(9_999) + "\n").repeat(40));
        Await.pause(100);
        Spending.queue(budget, source, spent);
        sent.countDown();
        Await.until("paused", () -> observer.throttled.get() == 1);
        assertThat(observer.bytes.get()).isLessThanOrEqualTo(2L * MemoryBudget.UNRESERVED_READ_BYTES);
        Await.pause(100);
        assertThat(budget.takeForRail(spent, 1, () -> source.queue(-spent))).isTrue();
        budget.releaseRows(1);
        Await.until("closed", () -> !observer.closed.isEmpty());
        assertThat(observer.events).hasValue(40);
        assertThat(observer.closed).containsExactly(ListenObserver.CloseReason.SHIPPER);
    }

    @Test
    void aResetReleasesAConnectionWhoseReadsAreStopped() throws IOException {
        Socket socket = connect();
        awaitStandstill(flood(socket, "x".repeat(99) + "\n"));
        sockets.getLast().setSoLinger(true, 0);
        sockets.getLast().close();
        Await.until("released", () -> listener.connections() == 0);
    }

    @Test
    void aDrainReadsWhatShippersStillSend() throws Exception {
        rail.flow();
        Socket socket = connect();
        Await.until("accepted", () -> listener.connections() == 1);
        var drained = listener.drain(Duration.ofSeconds(20)).toFuture();
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
        socket.getOutputStream().write("x\n".repeat(10_000).getBytes(US_ASCII));
        socket.shutdownOutput();
        drained.join();
        assertThat(observer.events).hasValue(10_000);
    }

    /** What it sent may have been lost on its way, and be sent again. */
    @Test
    void aDrainWaitsForWhatAQuietShipperHasJustSent() throws Exception {
        rail.flow();
        Socket socket = connect();
        socket.getOutputStream().write("before\n".getBytes(US_ASCII));
        Await.until("read", () -> observer.events.get() == 1);
        Await.pause(1700);
        var drained = listener.drain(Duration.ofSeconds(20)).toFuture();
        assertThat(socket.getInputStream().read()).isEqualTo(-1);
        Await.pause(1000);
        socket.getOutputStream().write("after\n".getBytes(US_ASCII));
        drained.join();
        assertThat(observer.events).hasValue(2);
    }

    /** The end of the service's side comes while reads are paused; the shipper heeds it when it is read again. */
    @Test
    void aDrainReadsWhatFloodsSentBeforeTheyHeededIt() throws Exception {
        AtomicLong sent = new AtomicLong();
        List<Thread> floods = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Socket socket = connect();
            floods.add(Thread.ofPlatform().start(() -> floodUntilTheEnd(socket, sent)));
        }
        awaitStandstill(sent);
        var drained = listener.drain(Duration.ofSeconds(20)).toFuture();
        Await.pause(700);
        rail.flow();
        for (Thread flood : floods) {
            flood.join();
        }
        drained.join();
        assertThat(observer.events).as(observer.closed.toString()).hasValue(sent.get());
    }

    private static void floodUntilTheEnd(Socket socket, AtomicLong sent) {
        byte[] line = ("x".repeat(99) + "\n").getBytes(US_ASCII);
        Thread ear = Thread.ofPlatform().start(() -> {
            try {
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        try (socket) {
            while (ear.isAlive()) {
                socket.getOutputStream().write(line);
                sent.incrementAndGet();
            }
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private long readShare() {
        return budget.limit() / 4 + unreservedReads() + RESERVE;
    }

    private static long unreservedReads() {
        return 2L * MemoryBudget.UNRESERVED_READ_BYTES * CONNECTIONS_MAX;
    }

    Socket connect() throws IOException {
        Socket socket = new Socket("127.0.0.1", listener.port());
        sockets.add(socket);
        return socket;
    }

    /** In a thread of its own, because the socket may not take it all before somebody reads. */
    private static void sendAndEnd(Socket socket, String text) {
        Thread.ofVirtual().start(() -> {
            try {
                socket.getOutputStream().write(text.getBytes(US_ASCII));
                socket.shutdownOutput();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** Until the latch is open, no event loop does anything else. */
    private CountDownLatch holdEventLoops() throws InterruptedException {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch held = new CountDownLatch(2);
        loops.onServer(true)
                .forEach(loop -> loop.execute(() -> {
                    held.countDown();
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }));
        held.await();
        return release;
    }

    /** Sends {@code lines} again and again until the socket is closed; returns the count of bytes. */
    static AtomicLong flood(Socket socket, String lines) {
        AtomicLong sent = new AtomicLong();
        byte[] bytes = lines.repeat(Math.max(1, 8192 / lines.length())).getBytes(US_ASCII);
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    socket.getOutputStream().write(bytes);
                    sent.addAndGet(bytes.length);
                }
            } catch (IOException closed) {
                // the test is over
            }
        });
        return sent;
    }

    static void awaitStandstill(AtomicLong sent) {
        Await.until("standstill", () -> {
            long before = sent.get();
            Await.pause(300);
            return before > 0 && sent.get() == before;
        });
    }

    /** The stages behind: once they flow, everything is stored at once. */
    final class Rail extends BaseSubscriber<FrameBatch> {
        final Set<String> sources = ConcurrentHashMap.newKeySet();
        final AtomicLong events = new AtomicLong();

        void flow() {
            intake.hungry();
            request(Long.MAX_VALUE);
        }

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            // asks later
        }

        @Override
        protected void hookOnNext(FrameBatch frameBatch) {
            frameBatch
                    .deliveries()
                    .forEach(delivery -> sources.add(delivery.origin().source()));
            events.addAndGet(frameBatch.deliveries().stream()
                    .mapToInt(delivery -> delivery.frames())
                    .sum());
            intake.encoded(frameBatch, new Rows(List.of(new Rows.Piece(new byte[1], 1)), new byte[0], List.of()));
            intake.stored(1);
            intake.hungry();
        }
    }
}
