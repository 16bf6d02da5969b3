package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.PostgresExtension;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Real traffic, from sockets to tables, blocks no event loop and no worker. */
@Tag("blockhound")
class BlockHoundTrafficTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    @Test
    void nothingBlocksOnTheWayOfAnEvent() {
        ArmedBlockHound.arm();
        try (RunningSluice sluice = RunningSluice.on(POSTGRES, "--sluice.pipeline.memory=4MB");
                Shippers shippers = new Shippers(sluice.port(), 8, 64 * 1024, 0)) {
            Await.until("events flow", LIMIT, () -> sluice.metric("sluice.events.stored") > 2000);
            shippers.finish(LIMIT.toSeconds());
            assertThat(ArmedBlockHound.found()).isEmpty(); // before the count: a call that failed breaks a connection
            Await.storedExactly(POSTGRES, shippers.events(), LIMIT);
        }
        assertThat(ArmedBlockHound.found()).isEmpty();
    }
}
