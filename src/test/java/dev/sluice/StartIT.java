package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import dev.sluice.testing.BesideOthers;
import dev.sluice.testing.PostgresExtension;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A start that finds no database. */
@BesideOthers
class StartIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.dedicated();

    @Test
    void aStartThatWaitsForTheDatabaseEndsWhenItIsTold() throws Exception {
        POSTGRES.server().kill();
        try (ServiceProcess sluice = ServiceProcess.start(POSTGRES, List.of("-Xmx128m"))) {
            Await.until(
                    "waiting: " + sluice.output(),
                    Duration.ofSeconds(90),
                    () -> sluice.output().contains("waiting for it"));
            sluice.terminate();
            assertThat(sluice.awaitExit(Duration.ofSeconds(20))).isNotZero();
            assertThat(sluice.output())
                    .contains("Stopped while waiting for the database")
                    .doesNotContain("\tat ");
        } finally {
            POSTGRES.server().start();
        }
    }
}
