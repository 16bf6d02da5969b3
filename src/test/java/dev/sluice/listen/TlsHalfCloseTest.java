package dev.sluice.listen;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Framer;
import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDetector;
import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.intake.Framing;
import dev.sluice.listen.intake.Lines;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.listen.tls.TlsCredentials;
import dev.sluice.listen.tls.TlsMaterial;
import dev.sluice.listen.tls.TlsSettings;
import dev.sluice.listen.tls.TlsSettings.ClientAuth;
import dev.sluice.testing.Await;
import dev.sluice.testing.TestAuthority;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a shipper that is asked to go sees on its socket, below TLS. */
class TlsHalfCloseTest {

    private static final TestAuthority AUTHORITY = new TestAuthority("authority");
    private static final TestAuthority.Certificate SERVER = AUTHORITY.server();
    private static final Limits UNLIMITED = Limits.ofConnections(100);
    private static final Limits SHORT_AGE =
            new Limits(100, 0, List.of(), 0, new Limits.Times(Duration.ZERO, Duration.ZERO, Duration.ofMillis(500)));

    private static Listening listen(Limits limits, Framing framing) {
        return new Listening(
                new TlsCredentials(
                        new TlsSettings(false, ClientAuth.NONE, Duration.ofSeconds(10)),
                        new TlsMaterial(SERVER.keys(), null, List.of(), List.of())),
                limits,
                framing);
    }

    private static void send(Listening to, SSLSocket socket) throws IOException {
        long before = to.stored.get();
        socket.getOutputStream().write("one\n".getBytes(US_ASCII));
        Await.until("stored", () -> to.stored.get() == before + 1);
    }

    /** As rsyslog, whose drivers for TLS look at the socket alone, and read nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void whoIsNotAcknowledgedSeesTheEndOfTheStreamFirst(String version) throws IOException {
        try (Listening listening = listen(SHORT_AGE, Lines.FRAMING)) {
            Socket plain = listening.connect();
            SSLSocket socket = AUTHORITY.secure(plain, null, version);
            send(listening, socket);
            assertThat(plain.getInputStream().read()).isEqualTo(-1);
            for (int i = 0; i < 5; i++) {
                send(listening, socket);
            }
            socket.getOutputStream().write("one\n".repeat(1000).getBytes(US_ASCII));
            socket.close();
            Await.until("closed", () -> !listening.observer.closed.isEmpty());
            assertThat(listening.observer.closed).containsExactly(CloseReason.MAX_AGE);
            Await.until("all are stored", () -> listening.stored.get() == 1006);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aDrainIsSeenTheSameWay(String version) throws IOException {
        try (Listening listening = listen(UNLIMITED, Lines.FRAMING)) {
            Socket plain = listening.connect();
            SSLSocket socket = AUTHORITY.secure(plain, null, version);
            send(listening, socket);
            var drained = listening.listener.drain(Duration.ofSeconds(15)).toFuture();
            assertThat(plain.getInputStream().read()).isEqualTo(-1);
            send(listening, socket);
            drained.join();
            assertThat(listening.observer.closed).containsExactly(CloseReason.DRAIN);
            assertThat(plain.getInputStream().read()).as("nothing follows").isEqualTo(-1);
        }
    }

    /** In TLS 1.3 a shipper may ask for new keys; the answer would stand after the end of the stream. */
    @Test
    void whoAsksForAnAnswerOfTlsAfterTheEndIsReadOn() throws IOException {
        try (Listening listening = listen(SHORT_AGE, Lines.FRAMING)) {
            Socket plain = listening.connect();
            SSLSocket socket = AUTHORITY.secure(plain, null, "TLSv1.3");
            send(listening, socket);
            assertThat(plain.getInputStream().read()).isEqualTo(-1);
            socket.startHandshake();
            send(listening, socket);
            send(listening, socket);
            assertThat(listening.observer.closed).isEmpty();
        }
    }

    /** It reads, and can tell the end from a connection that was cut. */
    @ParameterizedTest
    @CsvSource({"TLSv1.2,21", "TLSv1.3,23"})
    void whoIsAcknowledgedIsToldByARecordOfTls(String version, int record) throws IOException {
        try (Listening listening = listen(SHORT_AGE, new Answered())) {
            Socket plain = listening.connect();
            SSLSocket socket = AUTHORITY.secure(plain, null, version);
            send(listening, socket);
            assertThat(socket.getInputStream().read()).isEqualTo('a');
            assertThat(plain.getInputStream().read()).isEqualTo(record);
        }
    }

    /** Forward without acks: the protocol has them, but this shipper reads none. */
    @Test
    void whoAsksForNoAcknowledgementIsNotToldByARecord() throws IOException {
        try (Listening listening = listen(SHORT_AGE, new Unasked())) {
            Socket plain = listening.connect();
            send(listening, AUTHORITY.secure(plain, null));
            assertThat(plain.getInputStream().read()).isEqualTo(-1);
        }
    }

    /** Lines of a protocol that may have acknowledgements. */
    private static class Unasked implements Framing {
        @Override
        public ProtocolDetector detector() {
            return (bytes, from, to, last) -> Protocol.FORWARD;
        }

        @Override
        public Framer framer(Protocol protocol) {
            return Lines.FRAMING.framer(protocol);
        }
    }

    /** Each line is acknowledged. */
    private static final class Answered extends Unasked {
        @Override
        public Framer framer(Protocol protocol) {
            Framer lines = super.framer(protocol);
            return (bytes, from, to, frame) -> {
                Framer.Found found = lines.next(bytes, from, to, frame);
                if (found == Framer.Found.FRAME) {
                    frame.reply().put('a');
                    frame.acknowledged();
                }
                return found;
            };
        }
    }
}
