package dev.sluice.listen;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Test;

/** What holds for every connection holds with TLS, too. */
class TlsListenerTest extends TcpListenerTest {

    private static final TestAuthority AUTHORITY = new TestAuthority("authority");
    private static final TestAuthority.Certificate SERVER = AUTHORITY.server();

    @Override
    TlsCredentials tls() {
        return new TlsCredentials(
                new TlsSettings(false, ClientAuth.NONE, Duration.ofSeconds(30)),
                new TlsMaterial(SERVER.keys(), null, List.of(), List.of()));
    }

    @Override
    Socket connect() throws IOException {
        Socket plain = new Socket("127.0.0.1", listener.port());
        plain.setSendBufferSize(32 << 10); // what two hundred floods leave behind is decrypted at the end
        sockets.add(plain); // with TLS a close would wait for a write that is stuck
        return AUTHORITY.secure(plain, null);
    }

    @Test
    void whatWasSentBeforeAnEndDuringAPauseIsNotLost() throws IOException {
        Socket shipper = connect();
        byte[] line = ("x".repeat(99) + "\n").getBytes(US_ASCII);
        for (int i = 0; i < 2000; i++) {
            shipper.getOutputStream().write(line);
        }
        sockets.getLast().shutdownOutput();
        Await.until("paused", () -> observer.throttled.get() == 1);
        Await.pause(300);
        assertThat(observer.events.get()).isLessThan(2000);
        rail.flow();
        Await.until("all are read", () -> rail.events.get() == 2000);
        Await.until("closed", () -> listener.connections() == 0);
    }

    @Test
    void anIncompleteRecordIsInTheBudget() throws IOException {
        Socket shipper = connect();
        Await.until("shaken", () -> listener.connections() == 1);
        byte[] begun = {23, 3, 3, 0x40, 0x00};
        sockets.getFirst().getOutputStream().write(begun);
        sockets.getFirst().getOutputStream().write(new byte[9000]);
        Await.until("counted", () -> budget.inFlight() == 9005);
        assertThat(shipper.isClosed()).isFalse();
    }
}
