package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.FreePort;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Liveness knows whether the threads go on, and asks nothing of the database. */
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
            assertThat(sluice.output()).contains("has taken no task for 30 s", "Fault.sleep");
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
