package dev.sluice.store;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.Delivery;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Rows;
import dev.sluice.store.copy.CopyChunks;
import dev.sluice.store.copy.CopyFormat;
import dev.sluice.store.copy.CopyRowEncoder;
import dev.sluice.testing.PostgresExtension;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** How fast rows of about 245 bytes are encoded, and stored over two lanes. Prints; asserts nothing about speed. */
@Tag("slow")
class StoreBenchmark {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.dedicated();

    private static final Logger LOG = LoggerFactory.getLogger(StoreBenchmark.class);
    private static final int ROWS = 1_000_000;
    private static final int FRAME_BATCH = 250;

    private final CopyRowEncoder encoder = new CopyRowEncoder(ArrayPool.none());
    private final LogEvent event = new LogEvent();
    private final byte[] host = "web-17.example.org".getBytes(StandardCharsets.US_ASCII);
    private final byte[] app = "payments".getBytes(StandardCharsets.US_ASCII);
    private final byte[] message =
            "request 4711 of customer 0815 took 17 ms and returned status 200 ok".getBytes(StandardCharsets.US_ASCII);
    private final byte[] key = "requestId".getBytes(StandardCharsets.US_ASCII);

    @Test
    void encode() {
        for (int round = 0; round < 8; round++) {
            long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            long allocated = allocated();
            long bytes = 0;
            for (int i = 0; i < ROWS / FRAME_BATCH; i++) {
                bytes += frameBatch().size();
            }
            LOG.info(
                    "encode {} ns of CPU an event, {} B allocated an event, {} B a row",
                    (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start) / ROWS,
                    (allocated() - allocated) / ROWS,
                    bytes / ROWS);
        }
    }

    /** In turn with the same rows by the plain copy of the JDBC driver, a thread a connection, as the measure. */
    @Test
    void store() throws Exception {
        List<Rows> frameBatches = new ArrayList<>();
        for (int i = 0; i < ROWS / FRAME_BATCH; i++) {
            frameBatches.add(frameBatch());
        }
        StoreSettings settings = StoreFixture.settings(Duration.ofMinutes(1));
        try (StoreFixture fixture = new StoreFixture(POSTGRES, POSTGRES.port(), settings, Mono.empty())) {
            for (int round = 0; round < 5; round++) {
                StoreFixture.prepare(POSTGRES);
                long cpu = cpu();
                double ours = rate(() -> fixture.store
                        .write(Flux.fromIterable(frameBatches), () -> {})
                        .blockLast(StoreFixture.LIMIT));
                double used = (cpu() - cpu) / 1e9;
                StoreFixture.prepare(POSTGRES);
                double plain = rate(() -> copyPlainly(frameBatches));
                LOG.info(
                        "store {} rows/s at {} CPU s a million, plain copy {} rows/s, ratio {}",
                        Math.round(ours),
                        used,
                        Math.round(plain),
                        ours / plain);
            }
        }
    }

    private static double rate(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return ROWS / ((System.nanoTime() - start) / 1e9);
    }

    private static void copyPlainly(List<Rows> frameBatches) {
        byte[] batch = batch(frameBatches.subList(0, 20_000 / FRAME_BATCH));
        IntStream.range(0, 2).parallel().forEach(lane -> {
            try (Connection connection = POSTGRES.connect()) {
                connection.setAutoCommit(false);
                for (int i = 0; i < ROWS / 20_000 / 2; i++) {
                    connection
                            .unwrap(PGConnection.class)
                            .getCopyAPI()
                            .copyIn(
                                    "COPY log_event FROM STDIN (FORMAT binary)",
                                    new ByteArrayInputStream(batch),
                                    CopyChunks.CHUNK_BYTES);
                    connection.commit();
                }
            } catch (SQLException | IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static byte[] batch(List<Rows> frameBatches) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(CopyFormat.header());
        frameBatches.forEach(rows -> rows.pieces().forEach(piece -> out.writeBytes(piece.bytes())));
        out.writeBytes(CopyFormat.trailer());
        return out.toByteArray();
    }

    /** The event is decoded once, so that what is measured is the encoding alone. */
    private Rows frameBatch() {
        encoder.begin(new Delivery(Events.ORIGIN, Events.TIME, 0, FRAME_BATCH, Delivery.NO_ACK));
        event.reset(Events.TIME);
        event.eventAtMicros(Events.TIME);
        event.severity(6);
        event.facility(16);
        event.host().set(host);
        event.app().set(app);
        event.procId().set(app, 0, 5);
        event.msgId().set(app, 0, 5);
        event.message().set(message);
        event.attributes().key(key).string(host, 0, host.length);
        for (int i = 0; i < FRAME_BATCH; i++) {
            encoder.event(event);
        }
        return encoder.seal();
    }

    private static long cpu() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
