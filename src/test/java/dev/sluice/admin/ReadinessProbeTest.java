package dev.sluice.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReadinessProbeTest {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    @ParameterizedTest
    @CsvSource({"200 OK, true", "503 Service Unavailable, false", "404 Not Found, false"})
    void onlyTheStatus200IsReady(String status, boolean ready) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
            Thread.ofVirtual().start(() -> answer(server, "HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n"));

            assertThat(ReadinessProbe.isReady(LOOPBACK, server.getLocalPort())).isEqualTo(ready);
        }
    }

    @Test
    void aConnectionThatIsClosedWithoutAnAnswerIsNotReady() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
            Thread.ofVirtual().start(() -> answer(server, ""));

            assertThat(ReadinessProbe.isReady(LOOPBACK, server.getLocalPort())).isFalse();
        }
    }

    @Test
    void aPortWithoutAServiceIsNotReady() throws IOException {
        int port;
        try (ServerSocket server = new ServerSocket(0, 1, LOOPBACK)) {
            port = server.getLocalPort();
        }

        assertThat(ReadinessProbe.isReady(LOOPBACK, port)).isFalse();
    }

    @Test
    void thePortIsTheOneOfTheManagementEndpoints() {
        assertThat(ReadinessProbe.port(Map.of())).isEqualTo(8080);
        assertThat(ReadinessProbe.port(Map.of("SERVER_PORT", "8081"))).isEqualTo(8081);
        assertThat(ReadinessProbe.port(Map.of("SERVER_PORT", "8081", "MANAGEMENT_SERVER_PORT", "8082")))
                .isEqualTo(8082);
    }

    private static void answer(ServerSocket server, String reply) {
        try (Socket socket = server.accept()) {
            socket.getInputStream().read();
            socket.getOutputStream().write(reply.getBytes(US_ASCII));
        } catch (IOException closed) {
            throw new IllegalStateException(closed);
        }
    }
}
