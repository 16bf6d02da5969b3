package dev.sluice.listen;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.listen.TlsSettings.ClientAuth;
import dev.sluice.testing.TestAuthority;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What holds for every connection holds with TLS, too. */
class TlsListenerTest extends TcpListenerTest {

    private static final TestAuthority AUTHORITY = new TestAuthority("authority");
    private static final TestAuthority.Certificate SERVER = AUTHORITY.server();

    @Override
    TlsCredentials tls() {
        return new TlsCredentials(
                new TlsSettings(false, ClientAuth.WANT, Duration.ofSeconds(2)),
                new TlsMaterial(SERVER.keys(), AUTHORITY.trust(), List.of(), List.of()));
    }

    @Override
    Socket connect() throws IOException {
        return connect(null);
    }

    private Socket connect(TestAuthority.@Nullable Certificate shown, String... versions) throws IOException {
        Socket socket = AUTHORITY.connect(listener.port(), shown, versions);
        sockets.add(socket);
        return socket;
    }

    @Test
    void theNameOfTheCertificateIsTheSource() throws IOException {
        rail.flow();
        connect(AUTHORITY.client("web-1.example")).getOutputStream().write("x\n".getBytes(US_ASCII));
        await("read", () -> rail.events.get() == 1);
        assertThat(rail.sources).containsExactly("web-1.example");
    }
}
