package dev.sluice.store.schema;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.store.database.TableHome;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class PartitionKeeperTest {

    /** Else a start without a database would look as if the partitions had ended in 1970. */
    @Test
    void itDoesNotKnowTheHorizonBeforeItSawTheTables() {
        PostgresqlConnectionConfiguration nowhere = PostgresqlConnectionConfiguration.builder()
                .host("nowhere")
                .username("nobody")
                .build();
        Duration day = Duration.ofDays(1);
        PartitionKeeper keeper = new PartitionKeeper(
                new PostgresqlConnectionFactory(nowhere),
                new TableHome("public"),
                new PartitionSettings(1, day, day, day, 1, null),
                InstantSource.system());

        assertThat(keeper.horizonSeconds()).isNaN();
        assertThat(keeper.skewSeconds()).isNaN();
        assertThat(keeper.overdueDays()).isNaN();
    }
}
