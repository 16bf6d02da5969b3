package dev.sluice;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.protocol.lumberjack.LumberjackWire;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Acknowledged means committed: not before, and then at once. */
class AcknowledgeIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int MANY = 10_000;

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private RunningSluice sluice;

    @BeforeEach
    void start() {
        POSTGRES.execute("truncate log_event, dead_letter, ingest_batch");
        sluice = RunningSluice.on(POSTGRES);
    }

    @AfterEach
    void stop() {
        sluice.close();
    }

    @Test
    void relpIsAnsweredWhenTheMessageIsCommittedAndNotBefore() throws Exception {
        try (RelpShipper shipper = new RelpShipper(sluice.port());
                Connection lock = lock()) {
            shipper.send("one");
            shipper.send("two");
            shipper.timeout(1500);
            assertThatThrownBy(shipper::awaitAnswer).isInstanceOf(SocketTimeoutException.class);
            assertThat(lock.isClosed()).isFalse();
            lock.close();
            shipper.timeout((int) LIMIT.toMillis());
            shipper.awaitAnswer();
            shipper.awaitAnswer();
            assertThat(stored()).containsExactly("one", "two");
            assertThat(shipper.end()).containsExactly("4 rsp", "0 serverclose");
            assertThat(sluice.labelled("sluice.acks.sent")).contains("relp)]=2");
        }
    }

    @Test
    void lumberjackIsAcknowledgedWhenTheWindowIsCommittedAndAskedForPatienceUntilThen() throws Exception {
        try (LumberjackShipper shipper = new LumberjackShipper(sluice.port());
                Connection lock = lock()) {
            shipper.send(1, false, List.of("one", "two"));
            shipper.send(1, true, List.of("three"));
            shipper.send(17, false, List.of());
            shipper.timeout(1500);
            assertThatThrownBy(shipper::number).isInstanceOf(SocketTimeoutException.class);
            shipper.timeout((int) LIMIT.toMillis());
            assertThat(shipper.number()).as("patience").isZero();
            assertThat(shipper.number()).as("more patience").isZero();
            assertThat(stored()).isEmpty();
            lock.close();
            shipper.awaitAck();
            assertThat(stored()).contains("one", "two");
            shipper.awaitAck();
            shipper.awaitAck();
            assertThat(stored()).containsExactly("one", "three", "two");
            assertThat(sluice.labelled("sluice.acks.sent")).contains("lumberjack)]=3");
        }
    }

    @Test
    void windowsArePipelinedAndEveryEventIsThere() throws Exception {
        try (LumberjackShipper shipper = new LumberjackShipper(sluice.port())) {
            for (int i = 0; i < MANY; i += 100) {
                int from = i;
                List<String> messages = IntStream.range(from, from + 100)
                        .mapToObj(n -> n + " event")
                        .toList();
                shipper.send(i % 3 == 0 ? 1 : i, i % 2 == 0, messages);
                if (shipper.unacknowledged() > 4) {
                    shipper.awaitAck();
                }
            }
            while (shipper.unacknowledged() > 0) {
                shipper.awaitAck();
            }
            Shippers.assertStored(POSTGRES, MANY, Duration.ZERO);
        }
    }

    @Test
    void relpMessagesArePipelinedAndEveryEventIsThere() throws Exception {
        try (RelpShipper shipper = new RelpShipper(sluice.port())) {
            for (int i = 0; i < MANY; i++) {
                shipper.send(i + " event");
                if (shipper.unanswered() > 128) {
                    shipper.awaitAnswer();
                }
            }
            while (shipper.unanswered() > 0) {
                shipper.awaitAnswer();
            }
            Shippers.assertStored(POSTGRES, MANY, Duration.ZERO);
        }
    }

    @Test
    void aShipperThatTakesNoAnswersIsNotRead() throws Exception {
        try (RelpShipper shipper = new RelpShipper(sluice.port())) {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    for (int i = 0; i < 2_000_000; i++) {
                        shipper.send("");
                    }
                } catch (IOException closed) {
                    assertThat(closed).isNotNull();
                }
            });
            Await.until("reads stop", LIMIT, this::standsStill);
            assertThat(sluice.metric("sluice.inflight.bytes"))
                    .as("answers that are not taken, and a part of a frame")
                    .isBetween(32 * 1024.0, 2 * 64 * 1024.0);
            double received = sluice.metric("sluice.received.bytes");
            while (sluice.metric("sluice.received.bytes") == received) {
                shipper.awaitAnswer();
            }
            shipper.close();
            sending.join();
            Await.until("all is given back", LIMIT, () -> sluice.metric("sluice.inflight.bytes") == 0);
        }
    }

    @Test
    void aDrainAcknowledgesWhatItTookAndThenEnds() throws Exception {
        try (RelpShipper relp = new RelpShipper(sluice.port());
                LumberjackShipper lumberjack = new LumberjackShipper(sluice.port());
                Connection lock = lock()) {
            relp.send("relp");
            lumberjack.send(1, false, List.of("one"));
            lumberjack.sendRaw(LumberjackWire.window(2));
            lumberjack.sendRaw(LumberjackWire.json(1, "{\"message\":\"part\"}"));
            Await.until("all is read", LIMIT, () -> sluice.metric("sluice.events.received") == 3);
            CompletableFuture<Void> stopping = CompletableFuture.runAsync(sluice::close);
            Await.pause(1000);
            assertThat(stopping).isNotDone();
            lock.close();
            relp.awaitAnswer();
            assertThat(relp.rest()).containsExactly("0 serverclose");
            lumberjack.awaitAck();
            assertThat(lumberjack.number()).as("the part of a window").isEqualTo(1);
            assertThat(lumberjack.isAtEnd()).isTrue();
            stopping.join();
            assertThat(stored()).containsExactly("one", "part", "relp");
        }
    }

    @Test
    void whatIsNoFrameClosesTheConnectionAfterItsAcknowledgements() throws Exception {
        try (LumberjackShipper shipper = new LumberjackShipper(sluice.port())) {
            shipper.send(1, false, List.of("one"));
            shipper.sendRaw("no frame".getBytes(ISO_8859_1));
            shipper.awaitAck();
            assertThat(shipper.isAtEnd()).isTrue();
            assertThat(stored()).containsExactly("one");
            Await.until(
                    "it is counted",
                    LIMIT,
                    () -> sluice.labelled("sluice.connections.closed").contains("protocol_error)]=1"));
        }
    }

    @Test
    void gelfEndsWithNul() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", sluice.port())) {
            socket.getOutputStream()
                    .write(("{\"version\":\"1.1\",\"host\":\"h\",\n\"short_message\":\"s\",\"full_message\":\"f\\nf\","
                                    + "\"timestamp\":1763942400.5,\"level\":4,\"_order\":7}\0{\"short_message\":\"two\"}\0")
                            .getBytes(ISO_8859_1));
            Await.until("stored", LIMIT, () -> POSTGRES.count("log_event") == 2);
        }
        assertThat(POSTGRES.rows("select host, severity, attributes::text as a from log_event where message = 's'"))
                .singleElement()
                .satisfies(row -> {
                    assertThat(row.get("host")).isEqualTo("h");
                    assertThat(row.get("severity").toString()).isEqualTo("4");
                    assertThat(row.get("a").toString()).contains("\"_order\": 7", "\"full_message\": \"f\\nf\"");
                });
        assertThat(sluice.labelled("sluice.events.received")).contains("gelf)]=2");
    }

    private boolean standsStill() {
        double received = sluice.metric("sluice.received.bytes");
        Await.pause(500);
        return sluice.metric("sluice.connections.throttled") == 1 && sluice.metric("sluice.received.bytes") == received;
    }

    /** Holds every commit back until it is closed. */
    private static Connection lock() throws SQLException {
        Connection connection = POSTGRES.connect();
        connection.setAutoCommit(false);
        connection.createStatement().execute("lock table log_event in share mode");
        return connection;
    }

    private static List<String> stored() {
        return POSTGRES.rows("select message from log_event order by 1").stream()
                .map(row -> row.get("message").toString())
                .toList();
    }
}
