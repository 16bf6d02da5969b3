package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** SIGTERM under load: shippers that heed the half-close lose nothing, and the exit status says so. */
class DrainIT {

    private static final Logger LOG = LoggerFactory.getLogger(DrainIT.class);
    private static final Duration GRACE = Duration.ofSeconds(90);

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.dedicated();

    @BeforeEach
    void empty() {
        POSTGRES.execute("truncate log_event, dead_letter, ingest_batch, ingest_delivery");
    }

    @Test
    void whatShippersSentBeforeTheyHeededTheHalfCloseIsStored() throws Exception {
        drained(Shippers.Wire.PLAIN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void whatShippersOfTlsSentBeforeTheyHeededTheHalfCloseIsStored(String version, @TempDir Path folder)
            throws Exception {
        TlsBundle bundle = new TlsBundle(folder);
        drained(bundle.wire(version), bundle.arguments("--sluice.listeners.main.max-connections=100"));
    }

    private static void drained(Shippers.Wire wire, String... arguments) throws Exception {
        List<String> patient = new ArrayList<>(List.of(arguments)); // on a busy machine 15 s are not enough
        patient.add("--sluice.pipeline.drain-timeout=60s");
        patient.add("--spring.lifecycle.timeout-per-shutdown-phase=70s");
        try (ServiceProcess sluice =
                ServiceProcess.start(POSTGRES, List.of("-Xmx128m"), patient.toArray(String[]::new))) {
            sluice.awaitStarted();
            try (Shippers shippers = new Shippers(sluice.port(), wire, 16, 2000, 0)) {
                Await.until("events flow", GRACE, () -> POSTGRES.count("log_event") > 1000);
                long start = System.nanoTime();
                sluice.terminate();
                shippers.await(GRACE.toSeconds());
                assertThat(sluice.awaitExit(GRACE)).as(sluice.output()).isZero();
                assertThat(sluice.output())
                        .containsPattern("Drained in [0-9.]+ s: \\d+ connections, \\d+ events, everything is stored");
                LOG.info("{} events, drained in {} ms", shippers.events(), (System.nanoTime() - start) / 1_000_000);
                assertThat(shippers.broken()).isZero();
                Shippers.assertStored(POSTGRES, shippers.events(), Duration.ZERO);
            }
        }
    }

    @Test
    void anExitWithEventsThatCouldNotBeStoredIsAFailure() throws Exception {
        try (ServiceProcess sluice = ServiceProcess.start(
                POSTGRES,
                List.of("-Xmx128m"),
                "--sluice.pipeline.drain-timeout=3s",
                "--spring.lifecycle.timeout-per-shutdown-phase=3s")) {
            sluice.awaitStarted();
            try (Shippers shippers = new Shippers(sluice.port(), 4, 2000, 0)) {
                Await.until("events flow", GRACE, () -> POSTGRES.count("log_event") > 1000);
                POSTGRES.server().freeze();
                Await.pause(500);
                sluice.terminate();
                assertThat(sluice.awaitExit(GRACE)).as(sluice.output()).isEqualTo(1);
                assertThat(sluice.output())
                        .containsPattern(
                                "ERROR .*Stopped after [0-9.]+ s with [1-9]\\d* KB that were read and could not")
                        .doesNotContain("everything is stored");
            } finally {
                POSTGRES.server().thaw();
            }
        }
    }
}
