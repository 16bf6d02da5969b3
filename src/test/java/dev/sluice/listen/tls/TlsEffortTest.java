package dev.sluice.listen.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.listen.Listening;
import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.listen.tls.TlsSettings.ClientAuth;
import dev.sluice.testing.Await;
import dev.sluice.testing.TestAuthority;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;

/** Records that bring nothing. A handshake on an open connection of TLS 1.3 is a request for new keys. */
class TlsEffortTest {

    private static final TestAuthority AUTHORITY = new TestAuthority("authority");

    private final TlsEffort effort = new TlsEffort();

    @Test
    void aFewRecordsMayHoldNothing() {
        assertThat(effort.records(TlsEffort.IDLE_MAX, TlsEffort.IDLE_MAX, 0)).isTrue();
        assertThat(effort.records(1, 1, 0)).isFalse();
    }

    @Test
    void plaintextEarnsMoreOfThemButNoStock() {
        assertThat(effort.records(1, 0, 100 << 20)).isTrue();
        assertThat(effort.records(TlsEffort.IDLE_MAX, TlsEffort.IDLE_MAX, 0)).isTrue();
        for (int i = 0; i < 1000; i++) {
            assertThat(effort.records(5, 1, TlsEffort.BYTES_PER_IDLE)).isTrue();
        }
        assertThat(effort.records(1, 1, 0)).isFalse();
    }

    @Test
    void aReadTakesLessWhenRecordsAreSmall() {
        effort.records(300, 0, 60_000);
        effort.readEnded(65_536);
        assertThat(effort.nextReadBytes()).isGreaterThanOrEqualTo(65_536);
        effort.records(2 * TlsEffort.RECORDS_PER_READ, 0, 30_000);
        effort.readEnded(65_536);
        assertThat(effort.nextReadBytes()).isEqualTo(32_768);
        effort.records(100_000, 0, 1);
        effort.readEnded(65_536);
        assertThat(effort.nextReadBytes()).isEqualTo(4096);
        effort.records(30, 0, 4096);
        effort.readEnded(4096);
        assertThat(effort.nextReadBytes()).isGreaterThanOrEqualTo(65_536);
    }

    @Test
    void whoOnlyChangesKeysIsClosed() throws Exception {
        try (Listening listening = listening()) {
            SSLSocket flood = AUTHORITY.secure(listening.connect(), null, "TLSv1.3");
            assertThat(changes(flood, 20_000)).isLessThan(20_000);
            Await.until("closed", () -> !listening.observer.closed.isEmpty());
            assertThat(listening.observer.closed).containsExactly(CloseReason.PROTOCOL_ERROR);
        }
    }

    @Test
    void whoChangesKeysNowAndThenIsServed() throws Exception {
        try (Listening listening = listening()) {
            Socket plain = listening.connect();
            SSLSocket shipper = AUTHORITY.secure(plain, null, "TLSv1.3");
            for (int i = 0; i < 40; i++) {
                shipper.getOutputStream().write("one\n".getBytes(US_ASCII));
                assertThat(changes(shipper, 1)).isOne();
            }
            Await.until("stored", () -> listening.stored.get() == 40);
            assertThat(listening.observer.closed).isEmpty();
        }
    }

    private static Listening listening() {
        TlsSettings settings = new TlsSettings(false, ClientAuth.NONE, Duration.ofSeconds(30));
        TlsMaterial material = new TlsMaterial(AUTHORITY.server().keys(), AUTHORITY.trust(), List.of(), List.of());
        return new Listening(new TlsCredentials(settings, material), Limits.ofConnections(10));
    }

    /** How many of so many requests for new keys could be sent. */
    private static int changes(SSLSocket socket, int many) {
        for (int i = 0; i < many; i++) {
            try {
                socket.startHandshake();
            } catch (IOException closed) {
                return i;
            }
        }
        return many;
    }
}
