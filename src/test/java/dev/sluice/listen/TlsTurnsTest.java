package dev.sluice.listen;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.report.ListenObserver.Refusal;
import dev.sluice.listen.tls.TlsCredentials;
import dev.sluice.listen.tls.TlsMaterial;
import dev.sluice.listen.tls.TlsSettings;
import dev.sluice.listen.tls.TlsSettings.ClientAuth;
import dev.sluice.testing.Await;
import dev.sluice.testing.TestAuthority;
import dev.sluice.testing.TestAuthority.Certificate;
import io.netty.handler.ssl.util.SimpleKeyManagerFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.KeyManager;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handshakes on one event loop: beside a shipper that is through, and what comes while one waits for its turn. */
class TlsTurnsTest {

    private static final TestAuthority AUTHORITY = new TestAuthority("authority");
    private static final Certificate SERVER = AUTHORITY.server();
    private static final int HELLOS = 8;
    private static final int HEADER_BYTES = 5;
    private static final String PROXY = "PROXY TCP4 10.1.2.3 192.168.0.1 50000 5140\r\n";

    /** How many events had been read when a hello was computed. */
    private final Queue<Long> eventsWhenComputed = new ConcurrentLinkedQueue<>();

    private volatile Runnable whenComputed = () -> {};
    private @Nullable Listening listening;

    @AfterEach
    void stop() throws IOException {
        if (listening != null) {
            listening.close();
        }
    }

    private Listening listen(boolean isOptional, Duration timeout, boolean isProxied) {
        TlsCredentials tls = new TlsCredentials(
                new TlsSettings(isOptional, ClientAuth.NONE, timeout),
                new TlsMaterial(new NotingKeys(), null, List.of(), List.of()));
        Listening started = Listening.onOneLoop(tls, Limits.ofConnections(100), isProxied ? List.of() : null);
        listening = started;
        return started;
    }

    private Listening listen() {
        return listen(false, Duration.ofSeconds(30), false);
    }

    @ParameterizedTest
    @CsvSource({
        "TLSv1.2, false, false",
        "TLSv1.3, false, false",
        "TLSv1.2, true, false",
        "TLSv1.3, true, false",
        "TLSv1.2, false, true",
        "TLSv1.3, false, true",
        "TLSv1.3, true, true"
    })
    void whoIsThroughIsReadBeforeTheHandshakesOfOthers(String version, boolean isOptional, boolean isProxied)
            throws IOException {
        Listening sluice = listen(isOptional, Duration.ofSeconds(30), isProxied);
        OutputStream shipper =
                AUTHORITY.secure(connect(sluice, isProxied), null, version).getOutputStream();
        shipper.write("one\n".getBytes(US_ASCII));
        Await.until("read", () -> sluice.observer.events.get() == 1);
        eventsWhenComputed.clear();
        List<Socket> others = begin(sluice, version, isProxied);
        CountDownLatch held = held(sluice);
        finishHellos(others, version);
        shipper.write("two\n".getBytes(US_ASCII));
        held.countDown();
        Await.until("all are computed", () -> eventsWhenComputed.size() == HELLOS);
        assertThat(eventsWhenComputed).containsOnly(2L);
    }

    /** It sent all that its handshake lacked, an event, and its end, and Netty hears of the end while it waits. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void whatWasSentBeforeAnEndIsNotLost(String version) throws IOException {
        Listening sluice = listen();
        try (HoldingSocket plain = new HoldingSocket(sluice.listener.port())) {
            plain.isHolding = version.equals("TLSv1.3"); // of 1.2 a client waits for the server's last record
            SSLSocket shipper = AUTHORITY.secure(plain, null, version);
            plain.isHolding = true;
            shipper.getOutputStream().write("one\n".getBytes(US_ASCII));
            List<Socket> others = begin(sluice, version, false);
            CountDownLatch held = held(sluice);
            finishHellos(others, version);
            plain.letGo();
            held.countDown();
            Await.until("stored", () -> sluice.stored.get() == 1);
            Await.until("closed", () -> sluice.observer.closed.size() == 1);
        }
    }

    @Test
    void aHandshakeThatWasResetIsNotComputed() throws IOException {
        Listening sluice = listen();
        CountDownLatch computing = new CountDownLatch(1);
        whenComputed = () -> Await.until("let go", () -> computing.getCount() == 0);
        List<Socket> waiting = begin(sluice, "TLSv1.3", false);
        CountDownLatch held = held(sluice);
        finishHellos(waiting, "TLSv1.3");
        held.countDown();
        Await.until("one is computed, and the others were read", () -> eventsWhenComputed.size() == 1);
        for (Socket socket : waiting) {
            socket.setSoLinger(true, 0);
            socket.close();
        }
        computing.countDown();
        Await.until("all are gone", () -> sluice.listener.connections() == 0);
        assertThat(eventsWhenComputed).hasSize(1);
        assertThat(sluice.observer.refused).hasSize(HELLOS).containsOnly(Refusal.TLS_HANDSHAKE);
    }

    /** Each of the turns of this loop is as long as several polls of the limit. */
    @Test
    void aTurnIsNotTheShippersTime() throws IOException {
        Listening sluice = listen(false, Duration.ofMillis(100), false);
        sluice.slowDown(20);
        sayHellos(sluice, 20);
        Await.until("all are computed", () -> eventsWhenComputed.size() == 20);
    }

    @Test
    void aTurnThatIsTooFarAwayIsRefused() throws IOException {
        Listening sluice = listen(false, Duration.ofMillis(100), false);
        sluice.slowDown(20);
        sayHellos(sluice, 80);
        Await.until("all are refused", () -> sluice.observer.refused.size() == 80);
        assertThat(sluice.observer.refused).containsOnly(Refusal.TLS_TIMEOUT);
        assertThat(eventsWhenComputed).hasSizeLessThan(80);
    }

    private static void sayHellos(Listening to, int count) throws IOException {
        List<Socket> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(to.connect());
        }
        Await.until("accepted", () -> to.listener.connections() == count);
        byte[] hello = hello("TLSv1.3");
        for (Socket each : all) {
            each.getOutputStream().write(hello);
        }
    }

    private static Socket connect(Listening to, boolean isProxied) throws IOException {
        Socket plain = to.connect();
        if (isProxied) {
            plain.getOutputStream().write(PROXY.getBytes(US_ASCII));
        }
        return plain;
    }

    /** Connections that have sent the header of a hello's record. */
    private static List<Socket> begin(Listening to, String version, boolean isProxied) throws IOException {
        List<Socket> begun = new ArrayList<>();
        for (int i = 0; i < HELLOS; i++) {
            Socket socket = connect(to, isProxied);
            socket.getOutputStream().write(hello(version), 0, HEADER_BYTES);
            begun.add(socket);
        }
        Await.until("accepted", () -> to.listener.connections() >= HELLOS);
        held(to).countDown(); // a turn that began before the write ends, and then one that read it
        return begun;
    }

    /** The turn that is held began after this was called. */
    private static CountDownLatch held(Listening sluice) {
        CountDownLatch first = new CountDownLatch(1);
        sluice.hold(first);
        first.countDown();
        CountDownLatch second = new CountDownLatch(1);
        sluice.hold(second);
        return second;
    }

    private static void finishHellos(List<Socket> begun, String version) throws IOException {
        for (Socket socket : begun) {
            byte[] hello = hello(version);
            socket.getOutputStream().write(hello, HEADER_BYTES, hello.length - HEADER_BYTES);
        }
    }

    private static byte[] hello(String version) throws SSLException {
        SSLEngine engine = AUTHORITY.clientContext(null).createSSLEngine();
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {version});
        ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), hello);
        return Arrays.copyOf(hello.array(), hello.position());
    }

    /** Keeps back what is written after a hello. */
    private static final class HoldingSocket extends Socket {
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private boolean isHolding;
        private boolean saidHello;

        HoldingSocket(int port) throws IOException {
            super("127.0.0.1", port);
        }

        @Override
        public OutputStream getOutputStream() throws IOException {
            OutputStream out = super.getOutputStream();
            return new OutputStream() {
                @Override
                public void write(int one) throws IOException {
                    write(new byte[] {(byte) one}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int from, int count) throws IOException {
                    OutputStream to = isHolding && saidHello ? kept : out;
                    saidHello = true;
                    to.write(bytes, from, count);
                }
            };
        }

        void letGo() throws IOException {
            super.getOutputStream().write(kept.toByteArray());
            super.shutdownOutput();
        }
    }

    /** Notes when a hello is computed: only then a certificate is chosen. */
    private final class NotingKeys extends SimpleKeyManagerFactory {
        private final X509ExtendedKeyManager keys =
                (X509ExtendedKeyManager) SERVER.keys().getKeyManagers()[0];

        @Override
        protected void engineInit(KeyStore store, char[] password) {
            // it has its keys
        }

        @Override
        protected void engineInit(ManagerFactoryParameters parameters) {
            // it has its keys
        }

        @Override
        protected KeyManager[] engineGetKeyManagers() {
            return new KeyManager[] {new Noting(keys)};
        }
    }

    private final class Noting extends X509ExtendedKeyManager {
        private final X509ExtendedKeyManager keys;

        Noting(X509ExtendedKeyManager keys) {
            this.keys = keys;
        }

        @Override
        public @Nullable String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
            String alias = keys.chooseEngineServerAlias(type, issuers, engine);
            Listening sluice = listening;
            if (alias != null && sluice != null) {
                eventsWhenComputed.add(sluice.observer.events.get());
                whenComputed.run();
            }
            return alias;
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return keys.getServerAliases(type, issuers);
        }

        @Override
        public @Nullable String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return keys.chooseServerAlias(type, issuers, socket);
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return keys.getCertificateChain(alias);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return keys.getPrivateKey(alias);
        }

        @Override
        public String @Nullable [] getClientAliases(String type, Principal[] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return null;
        }
    }
}
