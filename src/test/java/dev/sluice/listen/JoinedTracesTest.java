package dev.sluice.listen;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Framer;
import dev.sluice.event.Protocol;
import dev.sluice.event.ProtocolDetector;
import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.intake.Framing;
import dev.sluice.listen.tls.TlsCredentials;
import dev.sluice.listen.tls.TlsMaterial;
import dev.sluice.listen.tls.TlsSettings;
import dev.sluice.listen.tls.TlsSettings.ClientAuth;
import dev.sluice.protocol.Protocols;
import dev.sluice.testing.Await;
import dev.sluice.testing.TestAuthority;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines that are joined are one event of the listener's books, with TLS and without. */
class JoinedTracesTest {

    private static final TestAuthority AUTHORITY = new TestAuthority("authority");
    private static final TestAuthority.Certificate SERVER = AUTHORITY.server();
    private static final Limits UNLIMITED = Limits.ofConnections(100);
    private static final String TRACE =
            "<11>Nov 27 12:00:00 h app: java.lang.X: no\n\tat A\n\tat B\nCaused by: C\n\tat D\n";

    private static final class Joining implements Framing {
        private final Protocols protocols = new Protocols(ZoneOffset.UTC, 64);

        @Override
        public ProtocolDetector detector() {
            return protocols.detector();
        }

        @Override
        public Framer framer(Protocol protocol) {
            return protocols.framer(protocol, 1 << 16, 100, null);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTraceIsOneEvent(boolean isSecure) throws IOException {
        TlsCredentials tls = new TlsCredentials(
                new TlsSettings(false, ClientAuth.NONE, Duration.ofSeconds(30)),
                new TlsMaterial(SERVER.keys(), null, List.of(), List.of()));
        try (Listening listening = isSecure
                ? new Listening(tls, UNLIMITED, new Joining())
                : new Listening(UNLIMITED, new Joining(), null)) {
            Socket plain = listening.connect();
            plain.setTcpNoDelay(true);
            OutputStream shipper = (isSecure ? AUTHORITY.secure(plain, null) : plain).getOutputStream();
            for (int half = 10; half < 30; half += 10) {
                long before = listening.stored.get();
                long bytes = listening.observer.bytes.get();
                shipper.write(TRACE.substring(0, TRACE.length() / half).getBytes(US_ASCII));
                Await.until("read", () -> listening.observer.bytes.get() > bytes);
                shipper.write(TRACE.substring(TRACE.length() / half).getBytes(US_ASCII));
                Await.until("stored", () -> listening.stored.get() == before + 1);
            }
            shipper.write(("\tat E\n" + TRACE.repeat(20)).getBytes(US_ASCII));
            Await.until("all are stored", () -> listening.stored.get() == 23);
            assertThat(listening.observer.wentOn).hasValue(1);
            assertThat(listening.observer.discarded).isEmpty();
        }
    }
}
