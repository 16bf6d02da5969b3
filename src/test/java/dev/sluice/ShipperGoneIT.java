package dev.sluice;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A shipper that goes away while reads are paused is noticed, and what it had sent is not lost. */
class ShipperGoneIT {

    private static final Duration SECONDS = Duration.ofSeconds(10);

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.dedicated();

    private RunningSluice sluice;
    private Shippers flood;

    /** The database stands still and a flood has spent the budget. */
    @BeforeEach
    void pauseReads() {
        POSTGRES.execute("truncate log_event, dead_letter, ingest_batch, ingest_delivery");
        sluice = RunningSluice.on(POSTGRES, "--sluice.pipeline.memory=4MB");
        POSTGRES.server().freeze();
        flood = new Shippers(sluice.port(), 16, 8192, 0);
        Await.until("all are paused", SECONDS, () -> sluice.metric("sluice.connections.throttled") == 16);
    }

    @AfterEach
    void stop() {
        POSTGRES.server().thaw();
        flood.close();
        sluice.close();
    }

    @Test
    void aShipperThatClosesWithEverythingReadIsReleased() throws Exception {
        Socket quiet = connected();
        quiet.close();
        Await.until("released", SECONDS, () -> sluice.metric("sluice.connections") == 16);
        everythingIsStoredAfterThaw(0);
    }

    @Test
    void aShipperThatSentOneLineAndClosesIsReleased() throws Exception {
        Socket quiet = connected();
        quiet.getOutputStream().write(line("quiet"));
        quiet.close();
        Await.until("released", SECONDS, () -> sluice.metric("sluice.connections") == 16);
        everythingIsStoredAfterThaw(1);
    }

    @Test
    void aShipperThatResetsWhileItsReadsArePausedIsReleased() throws Exception {
        Socket reset = pausedShipper();
        reset.setSoLinger(true, 0);
        reset.close();
        Await.until("released", SECONDS, () -> sluice.metric("sluice.connections") == 16);
        assertThat(sluice.metric("sluice.connections.throttled")).isEqualTo(16);
    }

    @Test
    void whatAShipperSentBeforeItClosedIsReadAfterThePause() throws Exception {
        Socket gone = connected();
        int lines = 2000;
        byte[] line = line("gone");
        for (int i = 0; i < lines; i++) {
            gone.getOutputStream().write(line);
        }
        gone.close();
        Await.pause(1000);
        assertThat(sluice.metric("sluice.connections")).isEqualTo(17);
        everythingIsStoredAfterThaw(lines);
    }

    private void everythingIsStoredAfterThaw(long beside) {
        POSTGRES.server().thaw();
        flood.finish(60);
        Await.until("all are released", SECONDS, () -> sluice.metric("sluice.connections") == 0);
        Await.until("all is stored", Duration.ofSeconds(60), () -> sluice.metric("sluice.inflight.bytes") == 0);
        assertThat(POSTGRES.count("log_event"))
                .as(sluice.labelled("sluice.connections.closed") + sluice.labelled("sluice.events.received")
                        + " broken " + flood.broken())
                .isEqualTo(flood.events() + beside);
        assertThat(POSTGRES.count("(select distinct split_part(message, ' ', 1) from log_event) as ids"))
                .isEqualTo(flood.events() + (beside > 0 ? 1 : 0));
        assertThat(sluice.metric("sluice.connections.throttled")).isZero();
    }

    private Socket connected() throws IOException {
        Socket socket = new Socket("127.0.0.1", sluice.port());
        Await.until("accepted", SECONDS, () -> sluice.metric("sluice.connections") == 17);
        return socket;
    }

    private Socket pausedShipper() throws IOException {
        Socket socket = connected();
        socket.getOutputStream().write(line("x".repeat(20_000)));
        Await.until("paused", SECONDS, () -> sluice.metric("sluice.connections.throttled") == 17);
        return socket;
    }

    private static byte[] line(String message) {
        return ("<13>1 2026-11-24T00:00:00Z host app - - - " + message + "\n").getBytes(US_ASCII);
    }
}
