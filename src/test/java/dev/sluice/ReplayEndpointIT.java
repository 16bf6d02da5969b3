package dev.sluice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.admin.ReplayEndpoint;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.sql.Connection;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.core.env.Environment;

/** Dead letters come back by the HTTP port, for those who may, within the memory of the service. */
class ReplayEndpointIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String ALL = "{}";
    private static final String APPLY = "{\"reason\":\"malformed_json\",\"apply\":true}";

    private static RunningSluice sluice;

    @BeforeAll
    static void start() {
        sluice = RunningSluice.on(
                POSTGRES,
                "--sluice.pipeline.memory=8MB",
                "--sluice.admin.users.ann.password={noop}a",
                "--sluice.admin.users.bob.password={noop}b",
                "--sluice.admin.users.bob.roles=replay");
    }

    @AfterAll
    static void stop() {
        sluice.close();
    }

    @BeforeEach
    void letters() {
        POSTGRES.execute("truncate log_event, dead_letter, ingest_batch");
        letter("{\"message\":\"mended\"}");
        letter("{\"message\":");
    }

    @Test
    void itShowsFirstAndThenStoresForTheRoleAlone() {
        assertThat(post(ALL)).startsWith("HTTP/1.1 401");
        assertThat(post(ALL, as("ann:a"))).startsWith("HTTP/1.1 403").contains("Your roles");
        assertThat(post(ALL, as("bob:b")))
                .startsWith("HTTP/1.1 200")
                .contains(
                        "\"applied\":false",
                        "\"gone\":1",
                        "\"stays\":1",
                        "\"outcome\":\"stored\",\"newReason\":null,",
                        "\"detail\":\"{\\\"received_at\\\":");
        assertThat(POSTGRES.count("dead_letter where tried_at is null")).isEqualTo(2);

        double before = sluice.metric("sluice.replayed", "outcome", "stored");
        assertThat(post(APPLY, as("bob:b")))
                .startsWith("HTTP/1.1 200")
                .contains("\"applied\":true", "\"events\":1", "\"outcome\":\"dead_again\"");
        assertThat(POSTGRES.rows("select message from log_event"))
                .extracting("message")
                .containsExactly("mended");
        assertThat(POSTGRES.count("dead_letter where tried_at is not null")).isOne();
        assertThat(sluice.metric("sluice.replayed", "outcome", "stored")).isEqualTo(before + 1);
    }

    @Test
    void whatIsNoReplayIsRefused() {
        assertThat(post("{\"reson\":\"x\"}", as("bob:b")))
                .startsWith("HTTP/1.1 400")
                .contains("reson is unknown");
        assertThat(post("{\"apply\":\"yes\"}", as("bob:b"))).startsWith("HTTP/1.1 400");
        assertThat(post("[", as("bob:b"))).startsWith("HTTP/1.1 400");
        assertThat(post(APPLY, as("bob:b"), "Content-Type: application/x-www-form-urlencoded"))
                .as("what a form of another site could send")
                .startsWith("HTTP/1.1 415");
        assertThat(post(APPLY, as("bob:b"), "Origin: https://evil.example")).startsWith("HTTP/1.1 403");
        assertThat(post(APPLY, as("bob:b"), "Sec-Fetch-Site: cross-site")).startsWith("HTTP/1.1 403");
        assertThat(Http.get(port(), "/replay", as("bob:b"))).startsWith("HTTP/1.1 404");
        assertThat(POSTGRES.count("dead_letter where tried_at is null")).isEqualTo(2);
    }

    /** The second is told at once; the first is told that it is waited for, as long as it takes. */
    @Test
    void oneRunsAtATimeAndOneThatTakesLongIsHeardOf() throws Exception {
        try (Connection other = POSTGRES.connect();
                Http first = new Http(port(), null)) {
            other.setAutoCommit(false);
            other.createStatement().execute("lock table dead_letter");
            send(first, APPLY, as("bob:b"));
            awaitsLock();
            assertThat(post(ALL, as("bob:b"))).startsWith("HTTP/1.1 409").contains("running already");
            assertThat(first.until("\r\n\r\n1\r\n\n", 1)).startsWith("HTTP/1.1 200");
            other.rollback();
            assertThat(first.rest()).contains("\"applied\":true", "\"gone\":1");
        }
    }

    /** A batch that is under way is done, and no other begins. */
    @Test
    void whenTheClientGoesTheRunEndsAfterItsBatch() throws Exception {
        many();
        try (Connection other = POSTGRES.connect()) {
            other.setAutoCommit(false);
            other.createStatement().execute("lock table log_event in share mode");
            try (Http client = new Http(port(), null)) {
                send(client, APPLY, as("bob:b"));
                awaitsLock();
            }
            for (int i = 0; i < 3; i++) { // one loop answers all: it has seen by then who is gone
                assertThat(Http.get(port(), "/actuator/health/liveness")).startsWith("HTTP/1.1 200");
            }
            other.rollback();
        }
        Await.until("the run is over", LIMIT, () -> post(ALL, as("bob:b")).startsWith("HTTP/1.1 200"));
        assertThat(POSTGRES.count("log_event")).isEqualTo(500);
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(700);
    }

    @Test
    void aStopEndsTheRunAfterItsBatchAndSaysWhatIsDone() throws Exception {
        many();
        try (RunningSluice stopping = RunningSluice.on(POSTGRES, "--server.address=127.0.0.1");
                Connection other = POSTGRES.connect();
                Http client = new Http(port(stopping), null)) {
            other.setAutoCommit(false);
            other.createStatement().execute("lock table log_event in share mode");
            send(client, APPLY);
            awaitsLock();
            stopping.part(ReplayEndpoint.class).end();
            other.rollback();
            assertThat(client.rest()).startsWith("HTTP/1.1 503").contains("\"gone\":500", "It was stopped.");
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(500);
    }

    @Test
    void nothingIsReadBeforeThereIsRoomForIt() throws Exception {
        MemoryBudget budget = sluice.part(MemoryBudget.class);
        assertThat(budget.reserveRows(budget.rowLimit())).isTrue();
        try (Http client = new Http(port(), null)) {
            send(client, APPLY, as("bob:b"));
            Await.until(
                    "it holds its letters",
                    LIMIT,
                    () -> POSTGRES.rows(
                                            "select 1 from pg_locks where mode = 'RowShareLock' and relation = 'dead_letter'::regclass")
                                    .size()
                            > 0);
            assertThat(POSTGRES.count("log_event")).isZero();
            budget.releaseRows(budget.rowLimit());
            assertThat(client.rest()).contains("\"gone\":1");
        }
        assertThat(budget.inFlight()).isZero();
    }

    /** The row share is 6 MB, and a payload is there five times while it is decoded. */
    @Test
    void whatTheBudgetCanNeverHoldStaysForTheCommand() {
        letter("{\"message\":\"" + "x".repeat(2 << 20) + "\"}");
        assertThat(post(APPLY, as("bob:b"))).contains("\"gone\":1", "\"stays\":2", "\"too_long\"");
        assertThat(POSTGRES.count("dead_letter where tried_at is null and octet_length(payload) > 1000"))
                .isOne();
    }

    @Test
    void aServerThatShowsContentsToNobodyReplaysForNobody() {
        try (RunningSluice open = RunningSluice.on(POSTGRES)) {
            assertThat(post(port(open), APPLY)).startsWith("HTTP/1.1 403").contains("nobody may");
        }
        assertThat(POSTGRES.count("dead_letter where tried_at is null")).isEqualTo(2);
    }

    private static void awaitsLock() {
        Await.until("it waits", LIMIT, () -> POSTGRES.count("pg_stat_activity where wait_event_type = 'Lock'") > 0);
    }

    private static void many() {
        POSTGRES.execute("truncate dead_letter");
        POSTGRES.execute("insert into dead_letter (received_at, source, listener, protocol, reason, payload)"
                + " select now(), 'a', 'main', 'json', 'malformed_json', '{\"message\":\"many\"}'"
                + " from generate_series(1, 1200)");
    }

    private static void letter(String payload) {
        POSTGRES.execute(
                "insert into dead_letter (received_at, source, listener, protocol, reason, payload)"
                        + " values (now(), 'a', 'main', 'json', 'malformed_json', ?)",
                payload.getBytes(UTF_8));
    }

    private static int port() {
        return port(sluice);
    }

    private static int port(RunningSluice of) {
        return of.part(Environment.class).getRequiredProperty("local.server.port", Integer.class);
    }

    private static String as(String login) {
        return "Authorization: Basic " + Base64.getEncoder().encodeToString(login.getBytes(UTF_8));
    }

    private static String post(String body, String... headers) {
        return post(port(), body, headers);
    }

    private static String post(int port, String body, String... headers) {
        try (Http http = new Http(port, null)) {
            send(http, body, headers);
            return http.rest();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void send(Http http, String body, String... headers) throws IOException {
        http.postJson("/replay", body, headers);
    }
}
