package dev.sluice;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What was received is stored or a dead letter, and the meters say what the tables say. */
class PipelineIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int EACH = 500;

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    @Test
    void everythingReceivedIsStoredOrADeadLetter() throws IOException {
        String syslog = "<13>1 2026-11-24T00:00:00Z host app - - - hello\n";
        String oversize = "x".repeat(3000) + "\n";
        String json = "{\"message\":\"hello\"}\n";
        String noJson = "{\"message\": oops\n";
        String lastLine = "{\"message\":\"the last line has no line feed\"}";
        try (RunningSluice sluice = RunningSluice.on(POSTGRES, "--sluice.listeners.main.max-frame=2KB")) {
            send(sluice.port(), (syslog + "\n" + oversize + "no syslog at all\n").repeat(EACH));
            send(sluice.port(), (json + noJson).repeat(EACH) + lastLine);
            send(sluice.port(), "");
            double received = 6.0 * EACH + 1; // the long line is two pieces
            Await.until(
                    "all is stored",
                    LIMIT,
                    () -> sluice.metric("sluice.events.stored") + sluice.metric("sluice.dead.letters") >= received);
            Await.until("all is given back", LIMIT, () -> sluice.metric("sluice.inflight.bytes") == 0);
            assertThat(sluice.metric("sluice.events.received")).isEqualTo(received);
            assertThat(sluice.metric("sluice.events.stored"))
                    .isEqualTo(POSTGRES.count("log_event"))
                    .isEqualTo(3 * EACH + 1);
            assertThat(sluice.metric("sluice.dead.letters"))
                    .isEqualTo(POSTGRES.count("dead_letter"))
                    .isEqualTo(3 * EACH);
            assertThat(sluice.metric("sluice.connections")).isZero();
            assertThat(POSTGRES.rows("select reason, count(*) as n from dead_letter group by 1 order by 1"))
                    .extracting("n")
                    .containsExactly((long) EACH, 2L * EACH);
        }
    }

    private static void send(int port, String lines) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write(lines.getBytes(US_ASCII));
            socket.shutdownOutput();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }
}
