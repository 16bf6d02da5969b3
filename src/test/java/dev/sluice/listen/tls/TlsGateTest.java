package dev.sluice.listen.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.listen.Listening;
import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.listen.report.ListenObserver.Refusal;
import dev.sluice.listen.tls.TlsSettings.ClientAuth;
import dev.sluice.testing.Await;
import dev.sluice.testing.TestAuthority;
import dev.sluice.testing.TestAuthority.Certificate;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real clients with good and bad certificates, and some that are none. */
class TlsGateTest {

    private static final TestAuthority AUTHORITY = new TestAuthority("authority");
    private static final Certificate SERVER = AUTHORITY.server();

    /** A client that speaks TLS 1.1 at most, with one cipher. */
    private static final String HELLO_1_1 =
            "160301002f" + "0100002b" + "0302" + "00".repeat(32) + "00" + "0002" + "002f" + "0100" + "0000";

    private @Nullable Listening listening;

    @AfterEach
    void stop() throws IOException {
        if (listening != null) {
            listening.close();
        }
    }

    private Listening listen(boolean isOptional, ClientAuth auth, Duration timeout) {
        return listen(credentials(isOptional, auth, timeout));
    }

    private Listening listen(TlsCredentials credentials) {
        Listening started = new Listening(credentials, Limits.ofConnections(100));
        listening = started;
        return started;
    }

    private static TlsCredentials credentials(boolean isOptional, ClientAuth auth, Duration timeout) {
        return new TlsCredentials(new TlsSettings(isOptional, auth, timeout), material(SERVER));
    }

    private static TlsMaterial material(Certificate server) {
        return new TlsMaterial(server.keys(), AUTHORITY.trust(), List.of(), List.of());
    }

    private Listening needy() {
        return listen(false, ClientAuth.NEED, Duration.ofSeconds(10));
    }

    private static SSLSession ship(Listening to, @Nullable Certificate shown, String... versions) throws IOException {
        SSLSocket socket = AUTHORITY.secure(to.connect(), shown, versions);
        long before = to.stored.get();
        socket.getOutputStream().write("one\n".getBytes(US_ASCII));
        Await.until("stored", () -> to.stored.get() == before + 1);
        return socket.getSession();
    }

    private static void refuses(Listening listening, Refusal reason) {
        Await.until("refused", () -> !listening.observer.refused.isEmpty());
        assertThat(listening.observer.refused).containsExactly(reason);
        assertThat(listening.observer.closed).isEmpty();
        assertThat(listening.stored).hasValue(0);
    }

    /** In TLS 1.3 a client hears only after its handshake that its certificate was refused. */
    private static void failsToShip(Listening to, @Nullable Certificate shown) {
        assertThatThrownBy(() -> {
                    SSLSocket socket = AUTHORITY.secure(to.connect(), shown);
                    socket.getInputStream().read();
                })
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void theNameOfTheCertificateIsTheSource(String version) throws IOException {
        Listening listening = needy();
        SSLSession session = ship(listening, AUTHORITY.client("web-1.example"), version);
        assertThat(session.getProtocol()).isEqualTo(version);
        assertThat(listening.sources).containsOnly("web-1.example");
    }

    @Test
    void withoutACertificateTheAddressIsTheSource() throws IOException {
        Listening listening = listen(false, ClientAuth.WANT, Duration.ofSeconds(10));
        ship(listening, null);
        assertThat(listening.sources).containsOnly("127.0.0.1");
        ship(listening, AUTHORITY.client("web-2.example"));
        assertThat(listening.sources).contains("web-2.example");
    }

    @Test
    void aCertificateThatNobodyAskedForIsNoName() throws IOException {
        Listening listening = listen(false, ClientAuth.NONE, Duration.ofSeconds(10));
        ship(listening, AUTHORITY.client("web-1.example"));
        assertThat(listening.sources).containsOnly("127.0.0.1");
    }

    @Test
    void anotherAuthoritysCertificateIsRefused() {
        Listening listening = needy();
        failsToShip(listening, new TestAuthority("another").client("web-1.example"));
        refuses(listening, Refusal.TLS_CERTIFICATE);
    }

    @Test
    void anExpiredCertificateIsRefused() {
        Listening listening = needy();
        failsToShip(listening, AUTHORITY.expired("web-1.example"));
        refuses(listening, Refusal.TLS_CERTIFICATE);
    }

    @Test
    void whoMustShowACertificateAndHasNoneIsRefused() {
        Listening listening = needy();
        failsToShip(listening, null);
        refuses(listening, Refusal.TLS_CERTIFICATE);
    }

    @Test
    void aServerThatTheShipperDoesNotTrustIsAFailedHandshake() {
        Listening listening = needy();
        assertThatThrownBy(() -> new TestAuthority("another").secure(listening.connect(), null))
                .isInstanceOf(IOException.class);
        refuses(listening, Refusal.TLS_HANDSHAKE);
    }

    @Test
    void plainTextIsRefused() throws IOException {
        Listening listening = needy();
        Socket socket = listening.connect();
        socket.getOutputStream().write("<13>1 - - - - - - hello\n".getBytes(US_ASCII));
        refuses(listening, Refusal.TLS_PLAINTEXT);
    }

    @Test
    void olderVersionsAreRefused() throws IOException {
        Listening listening = needy();
        Socket socket = listening.connect();
        socket.getOutputStream().write(HexFormat.of().parseHex(HELLO_1_1));
        assertThat(HexFormat.of().formatHex(socket.getInputStream().readNBytes(7)))
                .as("a fatal alert, protocol version")
                .endsWith("0246");
        refuses(listening, Refusal.TLS_HANDSHAKE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "16", "1603", "16030100", HELLO_HALF})
    void whoDoesNotCompleteTheHandshakeIsRefusedInTime(String sent) throws IOException {
        Listening listening = listen(false, ClientAuth.NEED, Duration.ofSeconds(1));
        Socket socket = listening.connect();
        socket.getOutputStream().write(HexFormat.of().parseHex(sent));
        assertThat(socket.getInputStream().readAllBytes()).hasSizeLessThanOrEqualTo(7);
        refuses(listening, Refusal.TLS_TIMEOUT);
        assertThat(listening.budget.inFlight()).isZero();
    }

    private static final String HELLO_HALF = "16030100ff0100";

    /** What the shipper has sent lies in the kernel: it is not late, the service is. */
    @Test
    void whoWaitsForTheServiceIsNotLate() throws Exception {
        Listening listening = listen(false, ClientAuth.NONE, Duration.ofMillis(500));
        Socket plain = listening.connect();
        Await.until("accepted", () -> listening.listener.connections() == 1);
        CountDownLatch held = new CountDownLatch(1);
        listening.hold(held);
        FutureTask<Socket> handshake = new FutureTask<>(() -> AUTHORITY.secure(plain, null));
        Thread.ofPlatform().start(handshake);
        Await.pause(1500);
        held.countDown();
        handshake.get().getOutputStream().write("one\n".getBytes(US_ASCII));
        Await.until("stored", () -> listening.stored.get() == 1);
    }

    /** A shipper that only writes and then closes would reset the connection with what it has not read. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void nothingIsSentToAShipperThatIsNotAnswered(String version) throws IOException {
        Listening listening = listen(false, ClientAuth.NONE, Duration.ofSeconds(10));
        Socket plain = listening.connect();
        SSLSocket socket = AUTHORITY.secure(plain, null, version);
        socket.getOutputStream().write("one\n".getBytes(US_ASCII));
        Await.until("stored", () -> listening.stored.get() == 1);
        Await.pause(100);
        assertThat(plain.getInputStream().available()).isZero();
    }

    @Test
    void whoOnlyLooksIsNotRefused() throws IOException {
        Listening listening = needy();
        listening.connect().close();
        Await.until("closed", () -> !listening.observer.closed.isEmpty());
        assertThat(listening.observer.closed).containsExactly(CloseReason.SHIPPER);
        assertThat(listening.observer.refused).isEmpty();
    }

    @Test
    void aNewHandshakeOfAnOpenConnectionIsRefused() throws IOException {
        Listening listening = listen(false, ClientAuth.NONE, Duration.ofSeconds(10));
        SSLSocket socket = AUTHORITY.secure(listening.connect(), null, "TLSv1.2");
        socket.getOutputStream().write("one\n".getBytes(US_ASCII));
        Await.until("stored", () -> listening.stored.get() == 1);
        socket.startHandshake();
        Await.until("closed", () -> !listening.observer.closed.isEmpty());
        assertThat(listening.observer.closed).containsExactly(CloseReason.ERROR);
    }

    /** A resumed session would not look at the certificate again, however long ago that ended. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void everyConnectionShakesHandsInFull(String version) throws IOException {
        Listening listening = needy();
        SSLContext client = AUTHORITY.clientContext(AUTHORITY.client("web-1.example"));
        Set<String> sessions = new HashSet<>();
        for (int i = 1; i <= 3; i++) {
            Socket plain = listening.connect();
            var socket = (SSLSocket) client.getSocketFactory().createSocket(plain, "127.0.0.1", plain.getPort(), true);
            socket.setEnabledProtocols(new String[] {version});
            socket.startHandshake();
            sessions.add(HexFormat.of().formatHex(socket.getSession().getId()));
            socket.getOutputStream().write("one\n".getBytes(US_ASCII));
            int count = i;
            Await.until("stored", () -> listening.stored.get() == count);
        }
        assertThat(sessions).hasSize(3);
        assertThat(listening.sources).containsOnly("web-1.example");
    }

    @Test
    void whereTlsIsOptionalBothAreRead() throws IOException {
        Listening listening = listen(true, ClientAuth.NEED, Duration.ofSeconds(1));
        Socket plain = listening.connect();
        Await.pause(1500);
        plain.getOutputStream().write("o".getBytes(US_ASCII));
        Await.pause(50);
        plain.getOutputStream().write("ne\ntwo\n".getBytes(US_ASCII));
        Await.until("stored", () -> listening.stored.get() == 2);
        ship(listening, AUTHORITY.client("web-1.example"));
        assertThat(listening.sources).containsOnly("127.0.0.1", "web-1.example");
        assertThat(listening.observer.refused).isEmpty();
    }

    @Test
    void whoSaysNothingWhereTlsIsOptionalIsClosedWhenAFirstByteIsAskedFor() throws IOException {
        Limits.Times times = new Limits.Times(Duration.ofMillis(300), Duration.ZERO, Duration.ZERO);
        listening = new Listening(
                credentials(true, ClientAuth.NONE, Duration.ofSeconds(10)), new Limits(100, 0, List.of(), 0, times));
        Listening listening = this.listening;
        assertThat(listening.connect().getInputStream().read()).isEqualTo(-1);
        Await.until("closed", () -> !listening.observer.closed.isEmpty());
        assertThat(listening.observer.closed).containsExactly(CloseReason.FIRST_BYTE_TIMEOUT);
        assertThat(listening.observer.refused).isEmpty();
    }

    @Test
    void newConnectionsGetTheNewCertificateAndOpenOnesGoOn() throws IOException {
        TlsCredentials credentials = credentials(false, ClientAuth.NONE, Duration.ofSeconds(10));
        Listening listening = listen(credentials);
        SSLSocket open = AUTHORITY.secure(listening.connect(), null);
        Certificate renewed = AUTHORITY.signed("CN=renewed", certificate -> certificate.addSanIpAddress("127.0.0.1"));
        credentials.replace(material(renewed));
        SSLSession session = ship(listening, null);
        assertThat(session.getPeerCertificates()[0]).isEqualTo(renewed.bundle().getCertificate());
        assertThat(credentials.expiry())
                .isEqualTo(renewed.bundle().getCertificate().getNotAfter().toInstant());
        open.getOutputStream().write("two\n".getBytes(US_ASCII));
        Await.until("stored", () -> listening.stored.get() == 2);
    }
}
