package dev.sluice.listen;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.admission.Network;
import dev.sluice.listen.report.ListenObserver;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.listen.report.ListenObserver.Refusal;
import dev.sluice.testing.Await;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;

/** Real sockets on the loopback, whose network has many addresses to come from. */
class LimitsTest {

    private static final Duration OFF = Duration.ZERO;

    @Test
    void connectionsOfASourceBeyondItsMaximumAreRefusedAndOthersAreNot() throws IOException {
        try (Listening sluice = new Listening(new Limits(100, 2, List.of(), 0, Limits.Times.UNLIMITED))) {
            sendAndAwait(sluice, sluice.connectFrom("127.0.0.2"));
            Socket second = sluice.connectFrom("127.0.0.2");
            sendAndAwait(sluice, second); // both are through the gates, where they are counted
            assertThat(isClosed(sluice.connectFrom("127.0.0.2"))).isTrue();
            Await.until("counted", () -> sluice.observer.refused.contains(Refusal.MAX_CONNECTIONS_PER_SOURCE));
            sendAndAwait(sluice, sluice.connectFrom("127.0.0.3"));
            second.close();
            Await.until("its place is free", () -> sluice.listener.connections() == 2);
            sendAndAwait(sluice, sluice.connectFrom("127.0.0.2"));
            assertThat(sluice.observer.refused).hasSize(1);
        }
    }

    @Test
    void whoIsNotAllowedIsRefused() throws IOException {
        Limits limits = new Limits(100, 0, List.of(Network.of("127.0.0.8/29")), 0, Limits.Times.UNLIMITED);
        try (Listening sluice = new Listening(limits)) {
            assertThat(isClosed(sluice.connectFrom("127.0.0.1"))).isTrue();
            Await.until("counted", () -> sluice.observer.refused.contains(Refusal.NOT_ALLOWED));
            sendAndAwait(sluice, sluice.connectFrom("127.0.0.9"));
            assertThat(sluice.sources).containsOnly("127.0.0.9");
        }
    }

    @Test
    void aSourceThatSendsTooFastIsReadAtItsRateAndLosesNothing() throws IOException {
        int rate = 100_000;
        int bytes = 400_000;
        try (Listening sluice = new Listening(new Limits(100, 0, List.of(), rate, Limits.Times.UNLIMITED))) {
            long start = System.nanoTime();
            for (int i = 0; i < 4; i++) { // together, for they are one source
                send(sluice.connectFrom("127.0.0.2"), bytes / 4);
            }
            Await.until("it waits", () -> sluice.observer.throttled.get() > 0);
            assertThat(sluice.observer.waits).contains(ListenObserver.Wait.RATE);
            sendAndAwait(sluice, sluice.connectFrom("127.0.0.3"));
            assertThat(sluice.observer.bytes.get())
                    .as("others do not wait for it")
                    .isLessThan(bytes);
            Await.until("all of it comes", () -> sluice.stored.get() == bytes / 100 + 1);
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            assertThat(took).isBetween(Duration.ofMillis(2500), Duration.ofSeconds(6));
            assertThat(sluice.observer.closed).isEmpty();
        }
    }

    /** More than a full bucket has room for: one that is woken finds others in line. */
    @Test
    void allConnectionsOfASourceThatSendsTooFastAreRead() throws IOException {
        try (Listening sluice = new Listening(new Limits(100, 0, List.of(), 100_000, Limits.Times.UNLIMITED))) {
            for (int i = 0; i < 20; i++) {
                send(sluice.connectFrom("127.0.0.2"), 20_000);
            }
            Await.until("all of it comes", () -> sluice.stored.get() == 4000);
            assertThat(sluice.observer.closed).isEmpty();
        }
    }

    @Test
    void aShipperThatClosesWhileItsRateIsSpentIsReadToItsEnd() throws IOException {
        try (Listening sluice = new Listening(new Limits(100, 0, List.of(), 50_000, Limits.Times.UNLIMITED))) {
            Socket socket = sluice.connect();
            send(socket, 100_000);
            Await.until("it waits", () -> sluice.observer.throttled.get() > 0);
            socket.close();
            Await.until("all of it comes", () -> sluice.stored.get() == 1000);
            Await.until("closed", () -> sluice.observer.closed.contains(CloseReason.SHIPPER));
        }
    }

    @Test
    void aShipperThatIsGoneWhileItsRateIsSpentIsNoticed() throws IOException {
        try (Listening sluice = new Listening(new Limits(100, 0, List.of(), 1024, Limits.Times.UNLIMITED))) {
            Socket socket = sluice.connect();
            send(socket, 100_000);
            Await.until("it waits", () -> sluice.observer.throttled.get() > 0);
            socket.setSoLinger(true, 0);
            socket.close();
            Await.until("closed", () -> sluice.listener.connections() == 0);
        }
    }

    /** What was sent counts more than the rate, for there is no later. */
    @Test
    void aDrainReadsASlowedSourceAsFastAsItCan() throws IOException {
        try (Listening sluice = new Listening(new Limits(100, 0, List.of(), 1024, Limits.Times.UNLIMITED))) {
            send(sluice.connect(), 300_000);
            Await.until("it waits", () -> sluice.observer.throttled.get() > 0);
            Disposable drain = sluice.listener.drain(Duration.ofSeconds(15)).subscribe();
            Await.until("all of it comes", () -> sluice.stored.get() == 3000);
            drain.dispose();
        }
    }

    @Test
    void whoNeverSendsIsClosedWhenAFirstByteIsAskedFor() throws IOException {
        try (Listening sluice = new Listening(times(Duration.ofMillis(300), OFF, OFF))) {
            Socket spoke = sluice.connect();
            sendAndAwait(sluice, spoke);
            assertThat(isClosed(sluice.connect())).isTrue();
            Await.until("counted", () -> !sluice.observer.closed.isEmpty());
            assertThat(sluice.observer.closed).containsExactly(CloseReason.FIRST_BYTE_TIMEOUT);
            sendAndAwait(sluice, spoke);
        }
    }

    @Test
    void whoIsIdleIsAskedToGoAndMayStillSend() throws IOException {
        try (Listening sluice = new Listening(times(OFF, Duration.ofMillis(400), OFF))) {
            Socket socket = sluice.connect();
            for (int i = 0; i < 8; i++) {
                sendAndAwait(sluice, socket);
                Await.pause(100);
            }
            assertThat(sluice.observer.closed).isEmpty();
            assertThat(isClosed(socket)).as("half-closed").isTrue();
            sendAndAwait(sluice, socket); // it had not noticed yet
            socket.close();
            Await.until("closed", () -> sluice.observer.closed.contains(CloseReason.IDLE_TIMEOUT));
        }
    }

    @Test
    void whoWaitsForItsRateIsNotIdle() throws IOException {
        Limits.Times times = new Limits.Times(OFF, Duration.ofMillis(300), OFF);
        try (Listening sluice = new Listening(new Limits(100, 0, List.of(), 10_000, times))) {
            Socket socket = sluice.connect();
            send(socket, 20_000);
            Await.until("all of it comes", () -> sluice.stored.get() == 200);
            assertThat(sluice.observer.closed).isEmpty();
        }
    }

    /** A shipper without acknowledgements loses what it sends into a closed connection: so it is read until it goes. */
    @Test
    void whoIsOldIsAskedToGoAndLosesNothing() throws IOException {
        try (Listening sluice = new Listening(times(OFF, OFF, Duration.ofMillis(500)))) {
            long start = System.nanoTime();
            Socket socket = sluice.connect();
            sendAndAwait(sluice, socket);
            assertThat(isClosed(socket)).as("half-closed").isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(400), Duration.ofMillis(1500));
            for (int i = 0; i < 20; i++) {
                sendAndAwait(sluice, socket);
                Await.pause(50);
            }
            socket.close();
            Await.until("closed", () -> sluice.observer.closed.contains(CloseReason.MAX_AGE));
            assertThat(sluice.stored).hasValue(21);
        }
    }

    private static Limits times(Duration firstByte, Duration idle, Duration age) {
        return new Limits(100, 0, List.of(), 0, new Limits.Times(firstByte, idle, age));
    }

    private static void sendAndAwait(Listening sluice, Socket socket) throws IOException {
        long before = sluice.observer.events.get();
        socket.getOutputStream().write("one\n".getBytes(US_ASCII));
        Await.until("stored", () -> sluice.stored.get() > before);
    }

    /** Lines of a hundred bytes, from another thread, for it may take long. */
    private static void send(Socket socket, int bytes) throws IOException {
        socket.getOutputStream()
                .write(("x".repeat(99) + "\n").repeat(bytes / 100).getBytes(US_ASCII));
    }

    private static boolean isClosed(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() == -1;
        } catch (SocketException reset) {
            return true;
        }
    }
}
