package dev.sluice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Several rules on the whole way: every event is stored, filtered or a dead letter, and nothing waits for ever. */
class RulesIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int EACH = 2_000;

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private static final String[] RULES = {
        "--sluice.pipeline.processors[0].name=noise",
        "--sluice.pipeline.processors[0].when.message=GET /health",
        "--sluice.pipeline.processors[0].filter=",
        "--sluice.pipeline.processors[1].name=inner",
        "--sluice.pipeline.processors[1].extract.format=json",
        "--sluice.pipeline.processors[1].extract.columns.app=service",
        "--sluice.pipeline.processors[2].name=secrets",
        "--sluice.pipeline.processors[2].redact.patterns=email,card",
        "--sluice.pipeline.processors[3].name=away",
        "--sluice.pipeline.processors[3].when.app=quarantine",
        "--sluice.pipeline.processors[3].route.dead-letter=true",
        "--sluice.pipeline.processors[4].name=half",
        "--sluice.pipeline.processors[4].when.severity=debug",
        "--sluice.pipeline.processors[4].sample.share=0.5",
        "--sluice.pipeline.processors[4].sample.by=attributes.user.id"
    };

    @BeforeEach
    void empty() {
        POSTGRES.execute("drop schema public cascade; create schema public");
    }

    @Test
    void everyEventIsStoredFilteredOrADeadLetter() throws IOException {
        try (RunningSluice sluice = RunningSluice.on(POSTGRES, RULES)) {
            // A delivery of which nothing is left is finished like any other.
            send(sluice.port(), "<14>1 - h nginx - - - GET /health\n".repeat(EACH));
            Await.until("all filtered", LIMIT, () -> sluice.metric("sluice.events.filtered") == EACH);
            Await.until("all is given back", LIMIT, () -> sluice.metric("sluice.inflight.bytes") == 0);
            send(sluice.port(), lines());
            send(sluice.port(), "{\"message\":\"ann@example.com\", oops\n".repeat(EACH));
            double received = 5.0 * EACH;
            Await.until(
                    "all is done",
                    LIMIT,
                    () -> sluice.metric("sluice.events.stored")
                                    + sluice.metric("sluice.dead.letters")
                                    + sluice.metric("sluice.events.filtered")
                            >= received);
            Await.until("all is given back", LIMIT, () -> sluice.metric("sluice.inflight.bytes") == 0);
            assertThat(sluice.metric("sluice.events.received")).isEqualTo(received);
            double half = sluice.metric("sluice.events.filtered") - EACH;
            assertThat(half).isBetween(0.4 * EACH, 0.6 * EACH);
            assertThat(sluice.metric("sluice.events.stored"))
                    .isEqualTo(POSTGRES.count("log_event"))
                    .isEqualTo(2 * EACH - half);
            assertThat(sluice.metric("sluice.dead.letters"))
                    .isEqualTo(POSTGRES.count("dead_letter"))
                    .isEqualTo(2 * EACH);
            assertThat(sluice.labelled("sluice.dead.letters")).contains("routed)]=" + EACH, "malformed_json)]=" + EACH);
        }
        assertTables();
    }

    private static final String[] SOLD = {
        "--sluice.pipeline.processors[0].name=fives",
        "--sluice.pipeline.processors[0].when.message=/\\d*[05] was sold",
        "--sluice.pipeline.processors[0].filter=",
        "--sluice.pipeline.processors[1].name=ones",
        "--sluice.pipeline.processors[1].when.message=/\\d*1 was sold",
        "--sluice.pipeline.processors[1].route.dead-letter=true"
    };

    /** Of a hundred events a rule drops 20 and sends 10 to the dead letters, whatever protocol brings them. */
    @Test
    void whatWasReceivedIsAccountedForInEveryProtocol() throws IOException {
        try (RunningSluice sluice = RunningSluice.on(POSTGRES, SOLD)) {
            send(sluice.port(), sold("<14>1 - h a - - - syslog", "\n"));
            assertReconciled(sluice, 1);
            send(sluice.port(), sold("{\"message\":\"json", "\"}\n"));
            assertReconciled(sluice, 2);
            try (RelpShipper relp = new RelpShipper(sluice.port())) {
                for (String line : sold("<14>1 - h a - - - relp", "\n").split("\n")) {
                    relp.send(line);
                }
                while (relp.unanswered() > 0) {
                    relp.awaitAnswer();
                }
            }
            assertReconciled(sluice, 3);
            try (LumberjackShipper lumberjack = new LumberjackShipper(sluice.port())) {
                lumberjack.send(1, false, List.of(sold("plain", "\n").split("\n")));
                lumberjack.send(101, true, List.of(sold("packed", "\n").split("\n")));
                lumberjack.awaitAck();
                lumberjack.awaitAck();
            }
            assertReconciled(sluice, 5);
            try (ForwardClient forward = new ForwardClient(sluice.port())) {
                for (String chunk : List.of("one", "two", "one")) {
                    forward.send(ForwardClient.chunk(chunk, 100));
                    assertThat(forward.ack()).isEqualTo(chunk);
                }
            }
            assertReconciled(sluice, 8);
            assertThat(sluice.metric("sluice.events.deduplicated")).isEqualTo(80);
            assertThat(sluice.metric("sluice.events.filtered")).isEqualTo(8 * 20);
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(7 * 70);
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(7 * 10);
        assertThat(one(
                        "select count(*) as n from (select place, lag(place) over (partition by name order by received_at)"
                                + " as before from (select received_at, split_part(message, '/', 1) as name,"
                                + " split_part(split_part(message, '/', 2), ' ', 1)::int as place from log_event) e) o"
                                + " where before >= place"))
                .isZero();
    }

    private static String sold(String before, String after) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            lines.append(before).append('/').append(i).append(" was sold").append(after);
        }
        return lines.toString();
    }

    private static void assertReconciled(RunningSluice sluice, int hundreds) {
        Await.until("all is done", LIMIT, () -> done(sluice) >= 100 * hundreds);
        Await.until("all is given back", LIMIT, () -> sluice.metric("sluice.inflight.bytes") == 0);
        assertThat(done(sluice)).isEqualTo(100 * hundreds);
        assertThat(sluice.metric("sluice.events.received"))
                .as(sluice.labelled("sluice.events.received"))
                .isEqualTo(100 * hundreds);
    }

    private static double done(RunningSluice sluice) {
        return sluice.metric("sluice.events.stored")
                + sluice.metric("sluice.events.filtered")
                + sluice.metric("sluice.dead.letters")
                + sluice.metric("sluice.events.deduplicated");
    }

    /** As many of each: JSON inside syslog, debug events of 2 000 users, and what goes to the dead letters. */
    private static String lines() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < EACH; i++) {
            lines.append(
                    "<14>1 - h docker - - - {\"service\":\"shop\",\"n\":%d,\"to\":\"ann@example.com\"}\n".formatted(i));
            lines.append("<15>1 - h app - - [user id=\"%d\"] card 4111 1111 1111 1111\n".formatted(i));
            lines.append("<14>1 - h quarantine - - - ann@example.com %d\n".formatted(i));
        }
        return lines.toString();
    }

    private static void assertTables() {
        assertThat(one("select count(*) as n from log_event where app = 'shop' and attributes->>'to' = '[redacted]'"
                        + " and attributes->>'sluice.app' = 'docker' and (attributes->>'n')::int between 0 and 1999"))
                .isEqualTo((long) EACH);
        assertThat(one("select count(*) as n from log_event where app = 'app' and message = 'card [redacted]'"
                        + " and (attributes->>'sluice.sample_share')::float = 0.5"))
                .isEqualTo(POSTGRES.count("log_event") - EACH);
        assertThat(
                        one(
                                "select count(*) as n from log_event where (message || coalesce(attributes::text, '')) ~ 'example.com|4111 1111'"))
                .isZero();
        assertThat(one("select count(*) as n from dead_letter where convert_from(payload, 'UTF8') ~ 'example.com'"))
                .isZero();
        assertThat(one("select count(distinct (convert_from(payload, 'UTF8')::json->>'message')) as n from dead_letter"
                        + " where reason = 'routed'"))
                .isEqualTo((long) EACH);
        // received_at tells the order in which a connection sent.
        assertThat(one("select count(*) as n from (select (attributes->>'n')::int as n, lag((attributes->>'n')::int)"
                        + " over (order by received_at) as before from log_event where app = 'shop') o"
                        + " where before >= n"))
                .isZero();
    }

    private static long one(String query) {
        return (Long) List.copyOf(POSTGRES.rows(query)).getFirst().get("n");
    }

    private static void send(int port, String lines) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write(lines.getBytes(UTF_8));
            socket.shutdownOutput();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }
}
