package dev.sluice.listen;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.admission.Network;
import dev.sluice.listen.intake.Lines;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.listen.report.ListenObserver.Refusal;
import dev.sluice.listen.tls.TlsCredentials;
import dev.sluice.listen.tls.TlsMaterial;
import dev.sluice.listen.tls.TlsSettings;
import dev.sluice.listen.tls.TlsSettings.ClientAuth;
import dev.sluice.testing.Await;
import dev.sluice.testing.TestAuthority;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that are on their way in when Sluice wants to end. */
class DrainTest {

    private static final TestAuthority AUTHORITY = new TestAuthority("authority");
    private static final TlsMaterial MATERIAL =
            new TlsMaterial(AUTHORITY.server().keys(), null, List.of(), List.of());
    private static final Limits LIMITS = Limits.ofConnections(100);
    private static final List<Network> ANY_PROXY = List.of();

    private final CountDownLatch held = new CountDownLatch(1);

    private static Listening withTls(boolean isOptional) {
        TlsSettings settings = new TlsSettings(isOptional, ClientAuth.NONE, Duration.ofSeconds(10));
        return new Listening(new TlsCredentials(settings, MATERIAL), LIMITS);
    }

    private static CompletableFuture<Integer> drain(Listening sluice) {
        return sluice.listener.drain(Duration.ofSeconds(15)).toFuture();
    }

    @Test
    void aConnectionThatIsAcceptedDuringADrainIsReadToItsEnd() throws IOException {
        try (Listening sluice = new Listening(LIMITS)) {
            sluice.connect().getOutputStream().write("one\n".getBytes(US_ASCII));
            Await.until("stored", () -> sluice.stored.get() == 1);
            sluice.hold(held);
            sluice.connect().getOutputStream().write("two\n".getBytes(US_ASCII));
            Await.pause(200); // it is accepted, and waits for its event loop
            var drained = drain(sluice);
            held.countDown();
            assertThat(drained.join()).isZero();
            assertThat(sluice.stored).hasValue(2);
            assertThat(sluice.observer.closed).containsExactly(CloseReason.DRAIN, CloseReason.DRAIN);
        }
    }

    /** A listening socket that is closed resets those that it has not handed out. */
    @Test
    void aConnectionThatNobodyAcceptedBeforeADrainIsReadToItsEnd() throws IOException {
        try (Listening sluice = new Listening(LIMITS)) {
            sluice.holdAccepts(held);
            for (int n = 0; n < 50; n++) {
                sluice.connectFrom("127.0.0." + (n + 1)).getOutputStream().write("one\n".getBytes(US_ASCII));
            }
            var drained = drain(sluice);
            held.countDown();
            drained.join();
            assertThat(sluice.stored).hasValue(50);
            assertThat(sluice.sources).contains("127.0.0.1", "127.0.0.50");
            assertThat(sluice.observer.refused).isEmpty();
        }
    }

    /** A shipper that is killed with something unread. */
    @Test
    void aConnectionThatIsResetBeforeItsAcceptHoldsNoDrainUp() throws IOException {
        try (Listening sluice = new Listening(LIMITS)) {
            sluice.holdAccepts(held);
            Socket socket = sluice.connect();
            socket.getOutputStream().write("one\n".getBytes(US_ASCII));
            socket.setSoLinger(true, 0);
            socket.close();
            long start = System.nanoTime();
            var drained = drain(sluice);
            held.countDown();
            drained.join();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            assertThat(sluice.stored).hasValue(1);
        }
    }

    @Test
    void theFirstConnectionIsReadToItsEndWhenItIsAcceptedBeforeADrain() throws IOException {
        try (Listening sluice = new Listening(LIMITS)) {
            sluice.hold(held);
            sluice.connect().getOutputStream().write("one\n".getBytes(US_ASCII));
            Await.pause(200); // it is accepted, and waits for its event loop
            var drained = drain(sluice);
            Await.pause(200);
            held.countDown();
            drained.join();
            assertThat(sluice.stored).hasValue(1);
            assertThat(sluice.observer.closed).containsExactly(CloseReason.DRAIN);
        }
    }

    /** A shipper that is half-closed connects anew. */
    @Test
    void nobodyIsHalfClosedBeforeThePortIsClosed() throws IOException {
        try (Listening sluice = new Listening(LIMITS)) {
            Socket socket = sluice.connect();
            Await.until("open", () -> sluice.listener.connections() == 1);
            sluice.holdAccepts(held);
            var drained = drain(sluice);
            socket.setSoTimeout(300);
            assertThatThrownBy(socket.getInputStream()::read).isInstanceOf(SocketTimeoutException.class);
            held.countDown();
            socket.setSoTimeout(20_000);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            assertThatThrownBy(sluice::connect).isInstanceOf(ConnectException.class);
            drained.join();
        }
    }

    /** A machine with too much to do: each turn of an event loop takes longer than it is between two polls. */
    @Test
    void aShipperThatGoesOnSendingIsNotQuietBecauseTheEventLoopIsSlow() throws IOException {
        try (Listening sluice = new Listening(LIMITS)) {
            Socket socket = sluice.connect();
            socket.getOutputStream().write("one\n".getBytes(US_ASCII));
            Await.until("stored", () -> sluice.stored.get() == 1);
            sluice.slowDown(300);
            var drained = drain(sluice);
            for (int i = 0; i < 50; i++) {
                socket.getOutputStream().write("more\n".getBytes(US_ASCII));
                Await.pause(100);
            }
            socket.shutdownOutput();
            drained.join();
            assertThat(sluice.stored).hasValue(51);
        }
    }

    /** A pod whose CPU is throttled, a machine that swaps: its quiet was no quiet of the shipper's. */
    @ParameterizedTest
    @ValueSource(ints = {1400, 2500})
    void aProcessThatStoodStillInADrainWaitsOnceMore(int millis) throws IOException {
        try (Listening sluice = new Listening(LIMITS)) {
            Socket socket = sluice.connect();
            Await.until("open", () -> sluice.listener.connections() == 1);
            var drained = drain(sluice);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            standStill(sluice, millis);
            socket.getOutputStream().write("one\n".getBytes(US_ASCII));
            drained.join();
            assertThat(sluice.stored).hasValue(1);
        }
    }

    @Test
    void aProcessThatStoodStillInADrainWaitsForHandshakesOnceMore() throws IOException {
        try (Listening sluice = withTls(false)) {
            Socket plain = sluice.connect();
            Await.until("open", () -> sluice.listener.connections() == 1);
            var drained = drain(sluice);
            Await.pause(100);
            standStill(sluice, 2500);
            AUTHORITY.secure(plain, null).getOutputStream().write("one\n".getBytes(US_ASCII));
            drained.join();
            assertThat(sluice.stored).hasValue(1);
        }
    }

    private void standStill(Listening sluice, long millis) {
        sluice.hold(held);
        Await.pause(millis);
        held.countDown();
        Await.pause(300);
    }

    @Test
    void aConnectionThatComesAfterTheDrainIsRefused() throws IOException {
        try (Listening sluice = new Listening(LIMITS)) {
            sluice.hold(held);
            sluice.connect().getOutputStream().write("one\n".getBytes(US_ASCII));
            Await.pause(200);
            assertThat(sluice.listener.drain(Duration.ofMillis(300)).block()).isEqualTo(1);
            held.countDown();
            Await.until("refused", () -> !sluice.observer.refused.isEmpty());
            assertThat(sluice.observer.refused).containsExactly(Refusal.DRAINING);
            assertThat(sluice.stored).hasValue(0);
            assertThat(sluice.observer.closed).isEmpty();
        }
    }

    @Test
    void connectionsThatTheEndOfItsTimeClosesAreCounted() throws IOException {
        try (Listening sluice = new Listening(LIMITS)) {
            sluice.connect().getOutputStream().write("one\ntw".getBytes(US_ASCII));
            sluice.connect().getOutputStream().write("one\n".getBytes(US_ASCII));
            Await.until("stored", () -> sluice.stored.get() == 2);
            assertThat(sluice.listener.drain(Duration.ofMillis(300)).block()).isEqualTo(2);
            assertThat(sluice.observer.closed).containsExactly(CloseReason.DRAIN, CloseReason.DRAIN);
        }
    }

    @Test
    void whoOwesTheHeaderOfAProxyDoesNotHoldADrainUp() throws IOException {
        try (Listening sluice = new Listening(LIMITS, Lines.FRAMING, ANY_PROXY)) {
            endsSoon(sluice, "");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoIsSilentInFrontOfTlsDoesNotHoldADrainUp(boolean isOptional) throws IOException {
        try (Listening sluice = withTls(isOptional)) {
            endsSoon(sluice, "");
        }
    }

    /** It is not the shipper's fault, and no reason for an alert. */
    @Test
    void aDrainThatBreaksAHandshakeOffIsNoRefusal() throws IOException {
        try (Listening sluice = withTls(false)) {
            endsSoon(sluice, "16030100ff0100");
        }
    }

    private static void endsSoon(Listening sluice, String sent) throws IOException {
        Socket socket = sluice.connect();
        socket.getOutputStream().write(HexFormat.of().parseHex(sent));
        Await.until("open", () -> sluice.listener.connections() == 1);
        Await.pause(100);
        long start = System.nanoTime();
        drain(sluice).join();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(sluice.observer.closed).containsExactly(CloseReason.DRAIN);
        assertThat(sluice.observer.refused).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoShakesHandsInADrainMayStillSend(boolean isOptional) throws IOException {
        try (Listening sluice = withTls(isOptional)) {
            Socket plain = sluice.connect();
            Await.until("open", () -> sluice.listener.connections() == 1);
            var drained = drain(sluice);
            Await.pause(300);
            AUTHORITY.secure(plain, null).getOutputStream().write("one\n".getBytes(US_ASCII));
            drained.join();
            assertThat(sluice.stored).hasValue(1);
            assertThat(sluice.observer.closed).containsExactly(CloseReason.DRAIN);
        }
    }
}
