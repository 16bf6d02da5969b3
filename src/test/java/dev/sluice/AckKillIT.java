package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The service is killed under load, again and again: what it acknowledged is in the table. */
class AckKillIT {

    private static final Logger LOG = LoggerFactory.getLogger(AckKillIT.class);
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final int WINDOW = 200;

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void empty() {
        POSTGRES.execute("truncate log_event, dead_letter, ingest_batch");
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
        SplittableRandom random = new SplittableRandom();
        for (int i = 0; i < times; i++) {
            List<Thread> shippers = new ArrayList<>();
            int before = acknowledged.size();
            try (ServiceProcess sluice = ServiceProcess.start(POSTGRES, List.of("-Xmx128m"))) {
                sluice.awaitStarted();
                String run = "run" + i;
                shippers.add(Thread.ofPlatform().start(() -> relp(sluice.port(), run + "-relp-a-")));
                shippers.add(Thread.ofPlatform().start(() -> relp(sluice.port(), run + "-relp-b-")));
                shippers.add(Thread.ofPlatform().start(() -> lumberjack(sluice.port(), run + "-lumberjack-a-")));
                shippers.add(Thread.ofPlatform().start(() -> lumberjack(sluice.port(), run + "-lumberjack-b-")));
                Await.until("acknowledged", LIMIT, () -> acknowledged.size() > before + 4 * WINDOW);
                Await.pause(random.nextInt(10, 1500));
            }
            for (Thread shipper : shippers) {
                shipper.join(LIMIT.toMillis());
                assertThat(shipper.isAlive()).isFalse();
            }
        }
        Set<String> missing = new HashSet<>(acknowledged);
        int all = missing.size();
        POSTGRES.rows("select message from log_event").forEach(row -> missing.remove(row.get("message")));
        LOG.info("{} kills, {} events acknowledged, {} of them missing", times, all, missing.size());
        assertThat(missing).isEmpty();
        assertThat(acknowledged).as("both protocols").anyMatch(id -> id.contains("relp"));
        assertThat(acknowledged).anyMatch(id -> id.contains("lumberjack"));
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
}
