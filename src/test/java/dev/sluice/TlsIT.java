package dev.sluice;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import dev.sluice.testing.TestAuthority.Certificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS from the files of an SSL bundle to the rows. */
class TlsIT {

    private static final Duration SECONDS = Duration.ofSeconds(30);

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.dedicated();

    @TempDir
    private Path folder;

    private TlsBundle bundle;
    private final AtomicLong sent = new AtomicLong();
    private volatile boolean stopped;

    @BeforeEach
    void write() {
        POSTGRES.execute("truncate log_event, dead_letter, ingest_batch, ingest_delivery");
        bundle = new TlsBundle(folder);
    }

    @AfterEach
    void thaw() {
        POSTGRES.server().thaw();
    }

    private RunningSluice start(String... more) {
        return RunningSluice.on(POSTGRES, bundle.arguments(more));
    }

    private static long stored(String where) {
        return POSTGRES.count("log_event where " + where);
    }

    private Thread shipping(SSLSocket socket, int name) {
        return Thread.ofPlatform().start(() -> {
            try (socket) {
                for (int i = 0; !stopped; i++) {
                    String line = "<13>1 2026-11-24T00:00:00Z host app - - - " + name + "-" + i + " " + "x".repeat(200)
                            + "\n";
                    socket.getOutputStream().write(line.getBytes(US_ASCII));
                    sent.incrementAndGet();
                }
                socket.shutdownOutput();
                socket.getInputStream().readAllBytes();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private X509Certificate shownBy(RunningSluice sluice) {
        try (SSLSocket socket = bundle.connect(sluice.port())) {
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void certificatesAreRenewedUnderLoadWithoutLosingAnEvent() throws Exception {
        try (RunningSluice sluice = start()) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                threads.add(shipping(bundle.connect(sluice.port()), i));
            }
            for (int i = 0; i < 3; i++) {
                Certificate renewed = bundle.renew();
                Await.until(
                        "the new one is shown",
                        SECONDS,
                        () -> shownBy(sluice).equals(renewed.bundle().getCertificate()));
                threads.add(shipping(bundle.connect(sluice.port()), 4 + i));
            }
            stopped = true;
            for (Thread thread : threads) {
                thread.join();
            }
            Await.until("all is stored", SECONDS, () -> stored("true") == sent.get());
            assertThat(stored("source = '" + TlsBundle.SHIPPER + "'")).isEqualTo(sent.get());
            assertThat(POSTGRES.count("(select distinct message from log_event) distinct_events"))
                    .isEqualTo(sent.get());
        }
    }

    @Test
    void aBrokenCertificateLeavesTheOldOneInPlace() throws Exception {
        try (RunningSluice sluice = start()) {
            X509Certificate before = shownBy(sluice);
            String key = Files.readString(folder.resolve("tls.key"));
            bundle.renew(); // the new certificate, and then the key of the old one
            Files.writeString(folder.resolve("tls.key"), key);
            Thread.sleep(1500);
            assertThat(shownBy(sluice)).isEqualTo(before);
            Files.writeString(folder.resolve("tls.crt"), "nonsense");
            Thread.sleep(1500);
            assertThat(shownBy(sluice)).isEqualTo(before);
            assertThat(sluice.metric("sluice.tls.certificate.expiry.seconds")).isPositive();
            Certificate repaired = bundle.renew();
            Await.until(
                    "repaired",
                    SECONDS,
                    () -> shownBy(sluice).equals(repaired.bundle().getCertificate()));
        }
    }

    @Test
    void whileTheDatabaseStandsStillReadsStopAndNothingIsLost() throws Exception {
        try (RunningSluice sluice = start("--sluice.pipeline.memory=4MB")) {
            POSTGRES.server().freeze();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                threads.add(shipping(bundle.connect(sluice.port()), i));
            }
            Await.until("all are paused", SECONDS, () -> sluice.metric("sluice.connections.throttled") == 8);
            long before = (long) sluice.metric("sluice.received.bytes");
            Thread.sleep(2000);
            assertThat(sluice.metric("sluice.received.bytes")).isEqualTo(before);
            assertThat(sluice.metric("sluice.inflight.bytes"))
                    .isLessThanOrEqualTo(sluice.metric("sluice.inflight.limit.bytes"));
            assertThat(sluice.metric("sluice.connections.closed")).isZero();
            stopped = true; // those that are stuck end when they have written what they are at
            POSTGRES.server().thaw();
            for (Thread thread : threads) {
                thread.join();
            }
            Await.until("all is stored", SECONDS, () -> stored("true") == sent.get());
        }
    }

    @Test
    void shippersThatEndWhileReadsAreStoppedLoseNothing() throws Exception {
        try (RunningSluice sluice = start("--sluice.pipeline.memory=4MB")) {
            POSTGRES.server().freeze();
            List<Thread> threads = new ArrayList<>();
            AtomicInteger ended = new AtomicInteger();
            for (int i = 0; i < 8; i++) {
                SSLSocket socket = bundle.connect(sluice.port());
                threads.add(Thread.ofPlatform().start(() -> {
                    try (socket) {
                        for (int line = 0; line < 4000; line++) {
                            socket.getOutputStream()
                                    .write(("<13>1 - h a - - - " + "x".repeat(200) + "\n").getBytes(US_ASCII));
                        }
                        ended.incrementAndGet();
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                }));
            }
            Await.until("all have closed", SECONDS, () -> ended.get() == 8);
            assertThat(sluice.metric("sluice.events.received")).isLessThan(32_000);
            POSTGRES.server().thaw();
            Await.until("all is stored", SECONDS, () -> stored("true") == 32_000);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aRelpSessionEndsAfterItsLastAnswer(String version) throws Exception {
        try (RunningSluice sluice = start();
                RecordedSocket plain = new RecordedSocket(sluice.port());
                RelpShipper relp = new RelpShipper(bundle.wire(version).on(plain))) {
            int before = plain.records().size();
            for (int i = 0; i < 1000; i++) {
                relp.send(i + " event");
            }
            relp.goodbye();
            for (int i = 0; i < 1000; i++) {
                relp.awaitAnswer();
            }
            assertThat(stored("true")).isEqualTo(1000);
            assertThat(relp.rest()).containsExactly("1002 rsp", "0 serverclose");
            List<String> records = plain.records();
            String notify = version.equals("TLSv1.2") ? "21:26" : "23:35"; // two bytes; the JDK pads
            assertThat(records.indexOf(notify))
                    .as(records.toString())
                    .isGreaterThan(before)
                    .isEqualTo(records.size() - 1);
            assertThat(plain.getInputStream().read()).as("a FIN, not a reset").isEqualTo(-1);
            Await.until(
                    "it is the shipper's end",
                    SECONDS,
                    () -> sluice.labelled("sluice.connections.closed").contains("shipper)]=1"));
        }
    }

    @Test
    void aBundleThatDoesNotExistEndsTheStart() {
        assertThatThrownBy(() ->
                        start("--sluice.listeners.main.tls.bundle=nowhere").close())
                .hasStackTraceContaining(
                        "sluice.listeners.main.tls.bundle is nowhere, but spring.ssl.bundle has none of this name")
                .hasStackTraceContaining("[shippers]");
    }

    @Test
    void aKeyOfAnotherCertificateEndsTheStart() {
        Path other = folder.resolve("other");
        assertThat(other.toFile().mkdir()).isTrue();
        new TlsBundle(other);
        assertThatThrownBy(() -> start(TlsBundle.PEM + "keystore.private-key=" + other.resolve("tls.key"))
                        .close())
                .hasStackTraceContaining("the private key is not that of the certificate");
    }

    @Test
    void shippersCannotBeAskedForCertificatesThatNobodySigned() {
        assertThatThrownBy(
                        () -> start(TlsBundle.PEM + "truststore.certificate=").close())
                .hasStackTraceContaining(
                        "sluice.listeners.main.tls.client-auth is NEED, but the bundle has no truststore");
    }
}
