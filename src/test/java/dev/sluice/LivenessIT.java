package dev.sluice;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import dev.sluice.testing.BesideOthers;
import dev.sluice.testing.FreePort;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Liveness knows whether the threads go on, and asks nothing of the database. */
@BesideOthers
class LivenessIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private final int port = FreePort.next();

    @Test
    void anEventLoopThatIsStuckTurnsLivenessDown() throws Exception {
        try (ServiceProcess sluice =
                ServiceProcess.start(POSTGRES, List.of("-Xmx128m"), "--testing.fault=stuck", "--server.port=" + port)) {
            sluice.awaitStarted();
            assertThat(liveness()).isEqualTo(200);
            Await.until("down", Duration.ofSeconds(180), () -> liveness() == 503);
            sluice.awaitOutput("Fault.sleep"); // it is down a moment before it says where that thread is
            assertThat(sluice.output()).contains("has taken no task for 30 s");
        }
    }

    @Test
    void halfRequestsKeepNoProbeOut() throws Exception {
        List<Socket> flood = new ArrayList<>();
        try (ServiceProcess sluice = ServiceProcess.start(POSTGRES, List.of("-Xmx128m"), "--server.port=" + port)) {
            sluice.awaitStarted();
            byte[] half = ("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(7000)).getBytes(US_ASCII);
            for (int i = 0; i < 1000; i++) {
                Socket socket = new Socket("127.0.0.1", port);
                flood.add(socket);
                socket.getOutputStream().write(half);
            }
            assertThat(liveness()).isEqualTo(200);
            flood.getFirst().setSoTimeout(60_000);
            assertThat(flood.getFirst().getInputStream().read()).isEqualTo(-1);
        } finally {
            for (Socket socket : flood) {
                socket.close();
            }
        }
    }

    private int liveness() {
        URI uri = URI.create("http://127.0.0.1:" + port + "/actuator/health/liveness");
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
