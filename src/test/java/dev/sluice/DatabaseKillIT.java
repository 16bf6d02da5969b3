package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import dev.sluice.testing.Seed;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** PostgreSQL dies in the middle of batches, again and again: nothing is lost and nothing is stored twice. */
class DatabaseKillIT {

    private static final Logger LOG = LoggerFactory.getLogger(DatabaseKillIT.class);
    private static final Duration RECOVERY_LIMIT = Duration.ofMinutes(2);

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.dedicated();

    @BeforeEach
    void empty() {
        POSTGRES.execute("truncate log_event, dead_letter, ingest_batch, ingest_delivery");
    }

    @Test
    void everyEventIsStoredOnceAfterThreeKills() {
        kill(3);
    }

    @Test
    @Tag("slow")
    void everyEventIsStoredOnceAfterTenKills() {
        kill(10);
    }

    private static void kill(int times) {
        SplittableRandom random = Seed.random();
        try (RunningSluice sluice = RunningSluice.on(POSTGRES, "--sluice.store.batch.max-events=5000");
                Shippers shippers = new Shippers(sluice.port(), 4, 400, 20_000)) {
            for (int i = 0; i < times; i++) {
                double before = sluice.metric("sluice.events.stored");
                Await.until("events flow", RECOVERY_LIMIT, () -> sluice.metric("sluice.events.stored") > before);
                Await.pause(random.nextInt(50, 800));
                POSTGRES.server().kill();
                Await.pause(random.nextInt(1, 300));
                POSTGRES.server().start();
            }
            shippers.finish(RECOVERY_LIMIT.toSeconds());
            assertThat(shippers.broken()).isZero();
            Shippers.assertStored(POSTGRES, shippers.events(), RECOVERY_LIMIT);
            Await.until("all is given back", RECOVERY_LIMIT, () -> sluice.metric("sluice.inflight.bytes") == 0);
            assertThat(sluice.metric("sluice.write.retries")).isGreaterThanOrEqualTo(times);
            LOG.info(
                    "{} events, {} kills, {} retries, {} unknown commits",
                    shippers.events(),
                    times,
                    sluice.metric("sluice.write.retries"),
                    sluice.metric("sluice.commit.unknown"));
        }
    }
}
