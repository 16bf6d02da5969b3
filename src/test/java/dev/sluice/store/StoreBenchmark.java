package dev.sluice.store;

import dev.sluice.event.Delivery;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Rows;
import dev.sluice.testing.PostgresExtension;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
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
    private static final int PARCEL = 250;

    private final CopyRowEncoder encoder = new CopyRowEncoder();
    private final LogEvent event = new LogEvent();
    private final byte[] host = "web-17.example.org".getBytes(StandardCharsets.US_ASCII);
    private final byte[] app = "payments".getBytes(StandardCharsets.US_ASCII);
    private final byte[] message =
            "request 4711 of customer 0815 took 17 ms and returned status 200 ok".getBytes(StandardCharsets.US_ASCII);
    private final byte[] key = "requestId".getBytes(StandardCharsets.US_ASCII);

    @Test
    void encode() {
        for (int round = 0; round < 8; round++) {
            long start = System.nanoTime();
            long allocated = allocated();
            long bytes = 0;
            for (int i = 0; i < ROWS / PARCEL; i++) {
                bytes += parcel().size();
            }
            LOG.info(
                    "encode {} ns/event, {} B/event allocated, {} B/row",
                    (System.nanoTime() - start) / ROWS,
                    (allocated() - allocated) / ROWS,
                    bytes / ROWS);
        }
    }

    @Test
    void store() {
        List<Rows> parcels = new ArrayList<>();
        for (int i = 0; i < ROWS / PARCEL; i++) {
            parcels.add(parcel());
        }
        StoreSettings settings = StoreFixture.settings(Duration.ofMinutes(1));
        try (StoreFixture fixture = new StoreFixture(POSTGRES, POSTGRES.port(), settings, Mono.empty())) {
            for (int round = 0; round < 5; round++) {
                StoreFixture.prepare(POSTGRES);
                long cpu = cpu();
                long start = System.nanoTime();
                long batches = fixture.store
                        .write(Flux.fromIterable(parcels), () -> {})
                        .count()
                        .block(StoreFixture.LIMIT);
                double seconds = (System.nanoTime() - start) / 1e9;
                LOG.info(
                        "store {} rows/s in {} batches, {} CPU s of the client per million rows",
                        Math.round(ROWS / seconds),
                        batches,
                        (cpu() - cpu) / 1e9);
            }
        }
    }

    private Rows parcel() {
        encoder.begin(new Delivery(Events.ORIGIN, Events.TIME, 0, PARCEL, Delivery.NO_ACK));
        for (int i = 0; i < PARCEL; i++) {
            event.reset(Events.TIME + i);
            event.eventAtMicros(Events.TIME);
            event.severity(6);
            event.facility(16);
            event.host().set(host);
            event.app().set(app);
            event.procId().set(app, 0, 5);
            event.msgId().set(app, 0, 5);
            event.message().set(message);
            event.attributes().key(key).string(host, 0, host.length);
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
