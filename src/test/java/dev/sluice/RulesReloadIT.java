package dev.sluice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.config.RulesInForce;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.actuate.info.InfoEndpoint;

/** The rules change under load, many times a second: nothing is lost, and nothing goes through half of two sets. */
class RulesReloadIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int CHUNKS = 30;
    private static final int CHUNK_EVENTS = 1000;
    private static final int LINES = 20_000;

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    @TempDir
    private Path folder;

    @BeforeEach
    void empty() {
        POSTGRES.execute("drop schema public cascade; create schema public");
    }

    @Test
    void noEventGoesThroughHalfOfTwoSetsAndNoneIsLost() throws IOException {
        Path file = folder.resolve("rules.yaml");
        Files.writeString(file, generation(0));
        try (RunningSluice sluice = RunningSluice.on(POSTGRES, "--sluice.pipeline.processors-file=" + file);
                ExecutorService shippers = Executors.newFixedThreadPool(4)) {
            CompletableFuture<?> sent = shipped(sluice.port(), shippers);
            RulesInForce rules = sluice.part(RulesInForce.class);
            int generation = 0;
            while (!sent.isDone()) {
                Files.writeString(file, ++generation % 10 == 0 ? "- { name: wrong }" : generation(generation));
                rules.look();
                rules.look();
            }
            sent.join();
            Await.until("all is stored", LIMIT, () -> sluice.metric("sluice.inflight.bytes") == 0);
            assertThat(sluice.metric("sluice.rules.reloads", "result", "accepted"))
                    .isGreaterThan(20);
            assertThat(sluice.metric("sluice.rules.reloads", "result", "refused"))
                    .isPositive();
            assertThat(sluice.metric("sluice.events.stored")).isEqualTo(3.0 * CHUNKS * CHUNK_EVENTS + LINES);
            assertRefusalIsSaid(sluice, file);
            assertChangeIsFound(sluice, file);
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(3L * CHUNKS * CHUNK_EVENTS + LINES);
        assertThat(POSTGRES.count("dead_letter")).isZero();
        assertThat(one("select count(distinct attributes->>'first') as n from log_event"))
                .as("sets that events went through")
                .isGreaterThan(10);
        assertThat(mixed()).containsExactly(0L, 0L);
    }

    /** Events whose two rules were of two sets, and chunks whose events were. */
    private static List<Long> mixed() {
        return List.of(
                one("select count(*) as n from log_event"
                        + " where attributes->>'first' is distinct from attributes->>'second'"),
                one("select count(*) as n from (select 1 from log_event where message like '%was sold'"
                        + " group by split_part(message, '/', 1) having count(distinct attributes->>'first') > 1) c"));
    }

    private static void assertRefusalIsSaid(RunningSluice sluice, Path file) throws IOException {
        Files.writeString(file, "- { name: noise, whne: { app: x }, filter: {} }");
        sluice.part(RulesInForce.class).look();
        sluice.part(RulesInForce.class).look();
        assertThat(sluice.metric("sluice.rules.outdated")).isEqualTo(1);
        assertThat(sluice.part(InfoEndpoint.class).info())
                .extracting("rules")
                .asString()
                .contains("names=[first, between, second]", "refused=" + file, "[0].whne (rule noise): is unknown");
    }

    /** Here nobody but the service looks. */
    private static void assertChangeIsFound(RunningSluice sluice, Path file) throws IOException {
        Files.writeString(file, "- { name: noise, filter: {} }");
        Await.until("found", LIMIT, () -> sluice.metric("sluice.rules.outdated") == 0);
        send(sluice.port(), "<14>1 - h a - - - x\n");
        Await.until("filtered", LIMIT, () -> sluice.metric("sluice.events.filtered", "rule", "noise") == 1);
    }

    /** Chunks, each one frame whose events belong together, and lines, of which a frame batch has many. */
    private static CompletableFuture<Void> shipped(int port, ExecutorService shippers) {
        Stream<Task> tasks = Stream.concat(
                IntStream.range(0, 3).mapToObj(shipper -> () -> chunks(port, "c" + shipper + "-")),
                Stream.of(() -> send(port, "<14>1 - h a - - - line\n".repeat(LINES))));
        return CompletableFuture.allOf(tasks.map(task -> CompletableFuture.runAsync(() -> run(task), shippers))
                .toArray(CompletableFuture[]::new));
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void run(Task task) {
        try {
            task.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void chunks(int port, String name) throws IOException {
        try (ForwardClient shipper = new ForwardClient(port)) {
            for (int i = 0; i < CHUNKS; i++) {
                shipper.send(ForwardClient.chunk(name + i, CHUNK_EVENTS));
                assertThat(shipper.ack()).isEqualTo(name + i);
            }
        }
    }

    private static String generation(int number) {
        return """
                - { name: first, enrich: { fields: { first: 'g%d' } } }
                - { name: between, when: { app: nobody }, filter: {} }
                - { name: second, enrich: { fields: { second: 'g%d' } } }
                """.formatted(number, number);
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
