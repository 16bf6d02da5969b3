package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import dev.sluice.testing.BesideOthers;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database is down for longer than shippers wait, and the memory is full of what others sent: Lumberjack's shippers
 * are asked for patience and have it, RELP's and Forward's connect and send again, and nothing is lost.
 */
@BesideOthers
class OutageIT {

    private static final Logger LOG = LoggerFactory.getLogger(OutageIT.class);
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final int WINDOW_EVENTS = 100;
    private static final int FLOODING = 4;
    private static final long GROWTH_BYTES_MAX = 16L << 20;

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.dedicated();

    private final AtomicInteger keepAlives = new AtomicInteger();

    @BeforeEach
    void empty() {
        POSTGRES.execute("truncate log_event, dead_letter, ingest_batch, ingest_delivery");
    }

    @Test
    void aDatabaseThatIsDownCostsNoAcknowledgedShipperAnything() throws Exception {
        outage(Duration.ofSeconds(14), Duration.ofSeconds(8));
    }

    @Test
    @Tag("slow")
    void aDatabaseThatIsDownForTwoMinutesCostsNoAcknowledgedShipperAnything() throws Exception {
        outage(Duration.ofMinutes(2), Duration.ofSeconds(30));
    }

    private void outage(Duration outage, Duration patience) throws Exception {
        int millis = (int) patience.toMillis();
        try (ServiceProcess sluice = ServiceProcess.start(POSTGRES, List.of("-Xmx128m"))) {
            sluice.awaitStarted();
            int port = sluice.port();
            List<StubbornShipper> relp = pair("relp-", 128, () -> new Relp(port, millis));
            List<StubbornShipper> lumberjack = pair("lumberjack-", 3, () -> new Lumberjack(port, millis));
            List<StubbornShipper> forward = pair("forward-", 3, () -> new Forward(port, millis));
            try (Shippers flood = new Shippers(port, FLOODING, 400, 0)) {
                Await.until("events flow", LIMIT, () -> POSTGRES.count("log_event") > 10_000);
                down(outage, flood, sluice);
                flood.finish(LIMIT.toSeconds());
                assertThat(flood.broken()).isZero();
                assertStored("relp", finish(relp, true), 1, true);
                assertStored("lumberjack", finish(lumberjack, false), WINDOW_EVENTS, false);
                assertStored("forward", finish(forward, true), WINDOW_EVENTS, false);
                assertThat(keepAlives).hasPositiveValue();
                String others = "log_event where message !~ '^(relp|lumberjack|forward)'";
                Await.until("the flood is stored", LIMIT, () -> POSTGRES.count(others) >= flood.events());
                assertThat(POSTGRES.count(others)).isEqualTo(flood.events());
            } finally {
                Stream.of(relp, lumberjack, forward).flatMap(List::stream).forEach(StubbornShipper::close);
            }
        }
    }

    private static void down(Duration outage, Shippers flood, ServiceProcess sluice) {
        POSTGRES.server().stop();
        long quarter = outage.toMillis() / 4;
        Await.pause(quarter);
        long accepted = flood.bytes();
        long before = sluice.residentBytes();
        Await.pause(3 * quarter);
        long after = sluice.residentBytes();
        LOG.info("Resident while down: {} MB, then {} MB", before >> 20, after >> 20);
        assertThat(flood.bytes()).as("reads stand still").isEqualTo(accepted);
        POSTGRES.server().start();
        assertThat(after - before).as("growth").isLessThan(GROWTH_BYTES_MAX);
    }

    private static void assertStored(String protocol, List<String> deliveries, int events, boolean duplicates) {
        Map<String, Object> row = POSTGRES.rows(
                        "select count(*) as rows, count(distinct message) as different from log_event"
                                + " where message like ?",
                        protocol + "-%")
                .getFirst();
        long sent = (long) deliveries.size() * events;
        LOG.info("{}: {} events acknowledged, stored: {}", protocol, sent, row);
        assertThat(row).containsEntry("different", sent);
        if (!duplicates) {
            assertThat(row).containsEntry("rows", sent);
        }
    }

    private static List<StubbornShipper> pair(String protocol, int window, StubbornShipper.Opener opener) {
        return List.of(
                new StubbornShipper(protocol + "a-", window, opener),
                new StubbornShipper(protocol + "b-", window, opener));
    }

    private static List<String> finish(List<StubbornShipper> shippers, boolean losePatience)
            throws InterruptedException {
        List<String> deliveries = new ArrayList<>();
        for (StubbornShipper shipper : shippers) {
            deliveries.addAll(shipper.finish());
            assertThat(shipper.breaks()).isZero();
            assertThat(shipper.timeouts() > 0).as("gave up waiting").isEqualTo(losePatience);
        }
        return deliveries;
    }

    private record Relp(RelpShipper shipper) implements StubbornShipper.Session {

        Relp(int port, int patience) throws IOException {
            this(new RelpShipper(port));
            shipper.timeout(patience);
        }

        @Override
        public void send(String delivery) throws IOException {
            shipper.send(delivery);
        }

        @Override
        public void awaitAck() throws IOException {
            shipper.awaitAnswer();
        }

        @Override
        public void close() throws IOException {
            shipper.close();
        }
    }

    private final class Lumberjack implements StubbornShipper.Session {
        private final LumberjackShipper shipper;

        Lumberjack(int port, int patience) throws IOException {
            shipper = new LumberjackShipper(port);
            shipper.timeout(patience);
        }

        @Override
        public void send(String delivery) throws IOException {
            shipper.send(
                    1,
                    delivery.endsWith("0"),
                    IntStream.range(0, WINDOW_EVENTS)
                            .mapToObj(n -> delivery + "/" + n)
                            .toList());
        }

        @Override
        public void awaitAck() throws IOException {
            shipper.awaitAck();
        }

        @Override
        public void close() throws IOException {
            keepAlives.addAndGet(shipper.keepAlives());
            shipper.close();
        }
    }

    private record Forward(ForwardClient client) implements StubbornShipper.Session {

        Forward(int port, int patience) throws IOException {
            this(new ForwardClient(port));
            client.timeout(patience);
        }

        @Override
        public void send(String delivery) throws IOException {
            client.send(ForwardClient.chunk(delivery, WINDOW_EVENTS));
        }

        @Override
        public void awaitAck() throws IOException {
            client.ack();
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }
}
