package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A database that stands still stops the shippers, closes no connection, and costs neither memory nor events. */
class BackpressureIT {

    private static final Logger LOG = LoggerFactory.getLogger(BackpressureIT.class);
    private static final int CONNECTIONS = 64;
    private static final int FRAME_BYTES_MAX = 64 * 1024;
    private static final Duration STANDSTILL_LIMIT = Duration.ofSeconds(30);
    private static final Duration RECOVERY_LIMIT = Duration.ofMinutes(2);

    /** Beyond the limit: two unreserved reads a connection and one reserve, as the memory ceiling counts them. */
    private static final long UNRESERVED_READS =
            CONNECTIONS * 2L * MemoryBudget.UNRESERVED_READ_BYTES + (256 + 64) * 1024;

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.dedicated();

    private Shippers.Wire wire = Shippers.Wire.PLAIN;
    private String[] arguments = {"--sluice.pipeline.memory=16MB"};

    @BeforeEach
    void empty() {
        POSTGRES.execute("truncate log_event, dead_letter, ingest_batch, ingest_delivery");
    }

    @Test
    void aFrozenDatabaseStopsTheShippers() {
        standstill(Duration.ofSeconds(3), POSTGRES.server()::freeze, POSTGRES.server()::thaw);
    }

    @Test
    @Tag("slow")
    void aDatabaseFrozenForLongStopsTheShippers() {
        standstill(Duration.ofSeconds(30), POSTGRES.server()::freeze, POSTGRES.server()::thaw);
    }

    @Test
    void aLockedTableStopsTheShippers() throws Exception {
        locked(Duration.ofSeconds(3));
    }

    @Test
    void aLockedTableStopsTheShippersOfTls(@TempDir Path folder) throws Exception {
        TlsBundle bundle = new TlsBundle(folder);
        wire = bundle.wire();
        arguments = bundle.arguments(arguments);
        locked(Duration.ofSeconds(3));
    }

    @Test
    @Tag("slow")
    void aTableLockedForLongStopsTheShippers() throws Exception {
        locked(Duration.ofSeconds(30));
    }

    private void locked(Duration duration) throws Exception {
        try (Connection connection = POSTGRES.connect()) {
            connection.setAutoCommit(false);
            standstill(
                    duration,
                    () -> execute(connection, "lock table log_event in access exclusive mode"),
                    () -> execute(connection, "rollback"));
        }
    }

    private static void execute(Connection connection, String sql) {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void standstill(Duration duration, Runnable stop, Runnable goOn) {
        try (RunningSluice sluice = RunningSluice.on(POSTGRES, arguments);
                InFlight inFlight = new InFlight(sluice);
                Shippers shippers = new Shippers(sluice.port(), wire, CONNECTIONS, FRAME_BYTES_MAX, 0)) {
            Await.until("events flow", RECOVERY_LIMIT, () -> sluice.metric("sluice.events.stored") > 100);
            stop.run();
            try {
                awaitStandstill(sluice, shippers);
                long accepted = shippers.bytes();
                Await.pause(duration.toMillis());
                assertThat(shippers.bytes()).isEqualTo(accepted);
                assertThat(sluice.metric("sluice.connections.throttled")).isEqualTo(CONNECTIONS);
                assertThat(sluice.metric("sluice.connections.waiting", "reason", "rail")
                                + sluice.metric("sluice.connections.waiting", "reason", "budget"))
                        .isEqualTo(CONNECTIONS);
                double throttled = sluice.metric("sluice.throttled.seconds");
                assertThat(throttled).isGreaterThan((double) CONNECTIONS * duration.toSeconds());
                assertThat(sluice.metric("sluice.source.throttled.seconds"))
                        .isGreaterThan(throttled - 1); // begun a moment later
                assertThat(sluice.metric("sluice.connections")).isEqualTo(CONNECTIONS);
                Await.until(
                        "the database is the bottleneck",
                        STANDSTILL_LIMIT,
                        () -> sluice.metric("sluice.bottleneck", "stage", "store") == 1);
                assertThat(shippers.broken()).isZero();
            } finally {
                goOn.run();
            }
            long before = shippers.bytes();
            Await.until("events flow again", RECOVERY_LIMIT, () -> shippers.bytes() > before);
            shippers.finish(RECOVERY_LIMIT.toSeconds());
            assertThat(shippers.broken()).isZero();
            Shippers.assertStored(POSTGRES, shippers.events(), RECOVERY_LIMIT);
            Await.until("all is given back", STANDSTILL_LIMIT, () -> sluice.metric("sluice.inflight.bytes") == 0);
            LOG.info(
                    "{} events, {} MB, at most {} bytes in flight of {}",
                    shippers.events(),
                    shippers.bytes() >> 20,
                    inFlight.most(),
                    (long) sluice.metric("sluice.inflight.limit.bytes"));
            assertThat(inFlight.most()).isLessThanOrEqualTo((16L << 20) + UNRESERVED_READS);
            // It is in use. How much of it at a standstill depends on the reserve that the next frame batch waits for.
            assertThat(inFlight.most()).isGreaterThan(8L << 20);
        }
    }

    /** Until each is kept from sending, and nothing was accepted for a second: on a busy machine some begin late. */
    private static void awaitStandstill(RunningSluice sluice, Shippers shippers) {
        Await.until(
                "all are throttled",
                RECOVERY_LIMIT,
                () -> sluice.metric("sluice.connections.throttled") == CONNECTIONS);
        Await.until("nothing is accepted", RECOVERY_LIMIT, () -> {
            long before = shippers.bytes();
            Await.pause(1000);
            return before == shippers.bytes();
        });
    }

    /** Watches the gauge all along. */
    private static final class InFlight implements AutoCloseable {
        private final AtomicLong most = new AtomicLong();
        private volatile boolean ended;
        private final Thread watch;

        InFlight(RunningSluice sluice) {
            watch = Thread.ofPlatform().start(() -> {
                while (!ended) {
                    most.accumulateAndGet((long) sluice.metric("sluice.inflight.bytes"), Math::max);
                    Await.pause(2);
                }
            });
        }

        long most() {
            return most.get();
        }

        @Override
        public void close() {
            ended = true;
            try {
                watch.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
