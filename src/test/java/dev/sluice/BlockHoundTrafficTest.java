package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real traffic, from sockets to tables, blocks no event loop and no worker. */
@Tag("blockhound")
class BlockHoundTrafficTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    @BeforeEach
    void empty() {
        POSTGRES.execute("truncate log_event, dead_letter, ingest_batch, ingest_delivery");
    }

    @Test
    void nothingBlocksOnTheWayOfAnEvent() {
        shipped(Shippers.Wire.PLAIN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void neitherAHandshakeNorARecordOfTlsBlocks(String version, @TempDir Path folder) {
        TlsBundle bundle = new TlsBundle(folder);
        shipped(bundle.wire(version), bundle.arguments());
    }

    private static void shipped(Shippers.Wire wire, String... more) {
        List<String> arguments = new ArrayList<>(List.of(more));
        arguments.add("--sluice.pipeline.memory=4MB");
        ArmedBlockHound.arm();
        try (RunningSluice sluice = RunningSluice.on(POSTGRES, arguments.toArray(String[]::new));
                Shippers shippers = new Shippers(sluice.port(), wire, 8, 64 * 1024, 0)) {
            Await.until("events flow", LIMIT, () -> sluice.metric("sluice.events.stored") > 2000);
            shippers.finish(LIMIT.toSeconds());
            assertThat(ArmedBlockHound.found()).isEmpty(); // before the count: a call that failed breaks a connection
            Shippers.assertStored(POSTGRES, shippers.events(), LIMIT);
        }
        assertThat(ArmedBlockHound.found()).isEmpty();
    }
}
