package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import dev.sluice.testing.BesideOthers;
import dev.sluice.testing.PostgresExtension;
import dev.sluice.testing.Seed;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service is killed under load, again and again: what it acknowledged is in the table, and what a Forward shipper
 * sends again because it was not acknowledged is there once.
 */
@BesideOthers
class AckKillIT {

    private static final Logger LOG = LoggerFactory.getLogger(AckKillIT.class);
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final int WINDOW = 200;
    private static final int CHUNKS_IN_FLIGHT = 3;

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
    private final Chunks chunksA = new Chunks("forward-a-");
    private final Chunks chunksB = new Chunks("forward-b-");

    @BeforeEach
    void empty() {
        POSTGRES.execute("truncate log_event, dead_letter, ingest_batch, ingest_delivery");
    }

    @Test
    void everyAcknowledgedEventIsThereAfterThreeKills() throws Exception {
        kill(3);
    }

    @Test
    @Tag("slow")
    void everyAcknowledgedEventIsThereAfterTwentyKills() throws Exception {
        kill(20);
    }

    private void kill(int times) throws IOException, InterruptedException {
        SplittableRandom random = Seed.random();
        for (int i = 0; i < times; i++) {
            List<Thread> shippers = new ArrayList<>();
            int before = acknowledged.size();
            try (ServiceProcess sluice = ServiceProcess.start(POSTGRES, List.of("-Xmx128m"))) {
                sluice.awaitStarted();
                shippers.addAll(start(sluice.port(), "run" + i));
                Await.until("acknowledged", LIMIT, () -> acknowledged.size() > before + 6 * WINDOW);
                Await.pause(random.nextInt(10, 1500));
            }
            for (Thread shipper : shippers) {
                shipper.join(LIMIT.toMillis());
                assertThat(shipper.isAlive()).isFalse();
            }
        }
        sendAgain();
        assertNothingIsMissing(times);
        assertChunksAreStoredOnce();
    }

    private List<Thread> start(int port, String run) {
        return Stream.<Runnable>of(
                        () -> relp(port, run + "-relp-a-"),
                        () -> relp(port, run + "-relp-b-"),
                        () -> lumberjack(port, run + "-lumberjack-a-"),
                        () -> lumberjack(port, run + "-lumberjack-b-"),
                        () -> forward(port, chunksA),
                        () -> forward(port, chunksB))
                .map(shipper -> Thread.ofPlatform().start(shipper))
                .toList();
    }

    private void sendAgain() throws IOException {
        try (RunningSluice sluice = RunningSluice.on(POSTGRES);
                ForwardClient client = new ForwardClient(sluice.port())) {
            for (Chunks chunks : List.of(chunksA, chunksB)) {
                chunks.sendOpen(client);
                while (!chunks.open.isEmpty()) {
                    acknowledged.addAll(chunks.awaitAck(client));
                }
            }
        }
    }

    private void assertNothingIsMissing(int times) {
        Set<String> missing = new HashSet<>(acknowledged);
        for (String protocol : List.of("relp", "lumberjack", "forward")) {
            long count = missing.stream().filter(id -> id.contains(protocol)).count();
            LOG.info("{} kills, {} events acknowledged to {} shippers", times, count, protocol);
            assertThat(count).as(protocol).isPositive();
        }
        POSTGRES.rows("select message from log_event").forEach(row -> missing.remove(row.get("message")));
        LOG.info("{} acknowledged events are missing", missing.size());
        assertThat(missing).isEmpty();
    }

    private void assertChunksAreStoredOnce() {
        int sent = (chunksA.count + chunksB.count) * WINDOW;
        Map<String, Object> stored = POSTGRES.rows("select count(*) as rows, count(distinct message) as different"
                        + " from log_event where message like 'forward-%'")
                .getFirst();
        int again = chunksA.again + chunksB.again;
        LOG.info("{} Forward events sent, {}; {} chunks were sent again", sent, stored, again);
        assertThat(stored).containsEntry("rows", (long) sent).containsEntry("different", (long) sent);
        assertThat(again).as("chunks sent again").isPositive();
    }

    private void relp(int port, String prefix) {
        try (RelpShipper shipper = new RelpShipper(port)) {
            int answered = 0;
            for (int i = 0; ; i++) {
                shipper.send(prefix + i);
                if (shipper.unanswered() > WINDOW) {
                    shipper.awaitAnswer();
                    acknowledged.add(prefix + answered++);
                }
            }
        } catch (IOException killed) {
            LOG.debug("The connection of {} broke", prefix, killed);
        }
    }

    private void lumberjack(int port, String prefix) {
        ArrayDeque<List<String>> windows = new ArrayDeque<>();
        try (LumberjackShipper shipper = new LumberjackShipper(port)) {
            for (int i = 0; ; i++) {
                String start = prefix + i + "-";
                windows.add(IntStream.range(0, WINDOW).mapToObj(n -> start + n).toList());
                shipper.send(1, i % 2 == 0, windows.getLast());
                if (windows.size() > 2) {
                    shipper.awaitAck();
                    acknowledged.addAll(windows.remove());
                }
            }
        } catch (IOException killed) {
            LOG.debug("The connection of {} broke", prefix, killed);
        }
    }

    private void forward(int port, Chunks chunks) {
        try (ForwardClient client = new ForwardClient(port)) {
            chunks.sendOpen(client);
            while (true) {
                chunks.sendNext(client);
                while (chunks.open.size() > CHUNKS_IN_FLIGHT) {
                    acknowledged.addAll(chunks.awaitAck(client));
                }
            }
        } catch (IOException killed) {
            LOG.debug("The connection of {} broke", chunks.prefix, killed);
        }
    }

    /** What one Forward shipper sent, over all of its connections; those that are open come again. */
    private static final class Chunks {
        private final String prefix;
        private final ArrayDeque<String> open = new ArrayDeque<>();
        private int count;
        private int again;

        Chunks(String prefix) {
            this.prefix = prefix;
        }

        void sendOpen(ForwardClient client) throws IOException {
            for (String name : open) {
                again++;
                client.send(ForwardClient.chunk(name, WINDOW));
            }
        }

        void sendNext(ForwardClient client) throws IOException {
            open.add(prefix + count++); // before it is sent: a part of it may arrive
            client.send(ForwardClient.chunk(open.getLast(), WINDOW));
        }

        /** The messages of the chunk that was acknowledged. */
        List<String> awaitAck(ForwardClient client) throws IOException {
            String name = client.ack();
            assertThat(name).isEqualTo(open.element());
            open.remove();
            return IntStream.range(0, WINDOW)
                    .mapToObj(n -> ForwardClient.message(name, n))
                    .toList();
        }
    }
}
