package dev.sluice.listen;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.tls.TlsCredentials;
import dev.sluice.listen.tls.TlsMaterial;
import dev.sluice.listen.tls.TlsSettings;
import dev.sluice.listen.tls.TlsSettings.ClientAuth;
import dev.sluice.testing.Await;
import dev.sluice.testing.TestAuthority;
import dev.sluice.testing.TestAuthority.Certificate;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A proxy's header in front of TLS. */
class ProxyTlsTest {

    private static final TestAuthority AUTHORITY = new TestAuthority("authority");
    private static final Certificate SERVER = AUTHORITY.server();
    private static final byte[] HEADER = "PROXY TCP4 10.1.2.3 192.168.0.1 50000 5140\r\n".getBytes(US_ASCII);

    private @Nullable Listening listening;

    @AfterEach
    void stop() throws IOException {
        if (listening != null) {
            listening.close();
        }
    }

    private Listening listen(boolean isOptional) {
        TlsCredentials tls = new TlsCredentials(
                new TlsSettings(isOptional, ClientAuth.WANT, Duration.ofSeconds(10)),
                new TlsMaterial(SERVER.keys(), AUTHORITY.trust(), List.of(), List.of()));
        Listening started = new Listening(tls, Limits.ofConnections(100), List.of());
        listening = started;
        return started;
    }

    /** As a proxy does. */
    private static Socket connect(Listening to) throws IOException {
        Socket plain = to.connect();
        plain.getOutputStream().write(HEADER);
        return plain;
    }

    private static void ship(Listening to, Socket plain, @Nullable Certificate shown) throws IOException {
        AUTHORITY.secure(plain, shown).getOutputStream().write("one\n".getBytes(US_ASCII));
        Await.until("stored", () -> to.stored.get() == 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theHeaderTellsTheSource(boolean isOptional) throws IOException {
        Listening sluice = listen(isOptional);
        Socket plain = connect(sluice);
        Await.pause(200);
        ship(sluice, plain, null);
        assertThat(sluice.sources).containsOnly("10.1.2.3");
    }

    @Test
    void theNameOfTheCertificateStandsForIt() throws IOException {
        Listening sluice = listen(false);
        Socket plain = connect(sluice);
        ship(sluice, plain, AUTHORITY.client("web-1.example"));
        assertThat(sluice.sources).containsOnly("web-1.example");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneReadMayBringTheHeaderAndTheHandshake(boolean isOptional) throws IOException {
        Listening sluice = listen(isOptional);
        CountDownLatch held = new CountDownLatch(1);
        sluice.hold(held);
        Socket plain = connect(sluice);
        Thread.ofVirtual().start(() -> {
            Await.pause(500);
            held.countDown();
        });
        ship(sluice, plain, null);
        assertThat(sluice.sources).containsOnly("10.1.2.3");
    }

    @Test
    void plainTextMayFollowTheHeaderWhereTlsIsOptional() throws IOException {
        Listening sluice = listen(true);
        Socket plain = connect(sluice);
        plain.getOutputStream().write("one\n".getBytes(US_ASCII));
        Await.until("stored", () -> sluice.stored.get() == 1);
        assertThat(sluice.sources).containsOnly("10.1.2.3");
    }
}
