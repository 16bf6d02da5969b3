package dev.sluice.store.schema;

import static dev.sluice.store.schema.KeeperFixture.DAY;
import static dev.sluice.store.schema.KeeperFixture.LIMIT;
import static dev.sluice.store.schema.KeeperFixture.settings;
import static dev.sluice.store.schema.KeeperFixture.table;
import static dev.sluice.store.schema.KeeperFixture.tables;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Old days are moved to a schema of their own, by the same rules by which they are dropped otherwise. */
final class DayArchiveIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared().empty();

    private static final int MANY = 1000;

    private final KeeperFixture fixture = new KeeperFixture(POSTGRES);
    private final Instant now = Instant.now();
    private final PartitionKeeper keeper = fixture.keeper(now, archiving(MANY));

    @BeforeEach
    void freshTables() throws InterruptedException {
        POSTGRES.execute("drop schema if exists archive cascade");
        fixture.freshTables();
    }

    @Test
    void oldDaysAreMovedWithTheirRowsAndNeverDropped() {
        fixture.makeOldDays(now, 10, 9, 7);
        fixture.insert(now.minus(10, ChronoUnit.DAYS).toString());
        Await.until(() ->
                POSTGRES.count("pg_stat_all_tables where n_tup_ins > 0 and relname = '" + table(now, -10) + "'") == 1);
        keeper.runWhenPossible().block(LIMIT);
        keeper.run().block(LIMIT);
        assertThat(archived()).as("written to lately").containsExactly(table(now, -9));
        POSTGRES.execute(
                "update log_event_day set written_at = written_at - interval '7 days' where removed_at is null");
        keeper.run().block(LIMIT);
        assertThat(archived()).containsExactly(tables(now, -10, -9));
        assertThat(POSTGRES.count("archive." + table(now, -10))).isEqualTo(1);
        assertThat(fixture.attached()).contains(table(now, -7)).doesNotContain(tables(now, -10, -9));
        assertThat(keeper.overdueDays()).isZero();
        POSTGRES.execute("update retention_claim set claimed_at = claimed_at - interval '25 hours'");
        fixture.anHourPasses();
        fixture.keeper(now, settings(7, MANY)).run().block(LIMIT);
        assertThat(archived()).as("days are dropped now").containsExactly(tables(now, -10, -9));
    }

    @Test
    void oneDayIsMovedInAnHour() {
        fixture.makeOldDays(now, 10, 9);
        PartitionKeeper slow = fixture.keeper(now, archiving(1));
        slow.run().block(LIMIT);
        slow.run().block(LIMIT);
        assertThat(archived()).containsExactly(table(now, -10));
        fixture.anHourPasses();
        slow.run().block(LIMIT);
        assertThat(archived()).containsExactly(tables(now, -10, -9));
    }

    @Test
    void aTableOfThatNameIsLeftAndTheDayGetsAnother() {
        fixture.makeOldDays(now, 10, 9);
        POSTGRES.execute("create schema archive");
        POSTGRES.execute("create table archive." + table(now, -10) + " (like log_event including all)");
        POSTGRES.execute("create table archive." + table(now, -10) + "_1 ()");
        POSTGRES.execute("create table " + table(now, -10) + "_2 ()");
        keeper.run().block(LIMIT);
        assertThat(archived())
                .containsExactly(table(now, -10), table(now, -10) + "_1", table(now, -10) + "_3", table(now, -9));
        assertThat(POSTGRES.count("pg_indexes where schemaname = 'archive' and indexname like '" + table(now, -10)
                        + "_received_at_event_at_idx%'"))
                .isEqualTo(2);
    }

    @Test
    void aMoveThatWasCutOffIsCompleted() {
        fixture.makeOldDays(now, 10);
        POSTGRES.execute(
                "update log_event_day set detaching_at = pg_catalog.now() where day < pg_catalog.now()::date - 8");
        POSTGRES.execute("alter table log_event detach partition " + table(now, -10));
        keeper.run().block(LIMIT);
        assertThat(archived()).containsExactly(table(now, -10));
        assertThat(POSTGRES.count("log_event_day where removed_at is not null")).isEqualTo(1);
    }

    @Test
    void aDayThatTheOwnerDetachedIsTheOwners() {
        fixture.makeOldDays(now, 10);
        POSTGRES.execute("alter table log_event detach partition " + table(now, -10));
        keeper.run().block(LIMIT);
        assertThat(fixture.tables()).contains(table(now, -10));
        assertThat(archived()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"create", "usage"})
    void withoutTheRightNothingIsDetached(String right) {
        fixture.makeOldDays(now, 10);
        POSTGRES.execute("create schema archive");
        POSTGRES.execute("revoke " + right + " on schema archive from current_user");
        assertThat(keeper.run().block(LIMIT)).as("tried again soon").isEqualTo(Duration.ofMinutes(1));
        assertThat(fixture.attached()).contains(table(now, -10));
        assertThat(keeper.overdueDays()).isEqualTo(1);
        POSTGRES.execute("grant " + right + " on schema archive to current_user");
        keeper.run().block(LIMIT);
        assertThat(archived()).containsExactly(table(now, -10));
    }

    /** As during an update of the setting, one pod after the other. */
    @Test
    void aReplicaThatWouldDropMovesWhileAnotherOneWantsThat() {
        fixture.makeOldDays(now, 10);
        keeper.runWhenPossible().block(LIMIT);
        fixture.keeper(now, settings(7, MANY)).run().block(LIMIT);
        assertThat(archived()).containsExactly(table(now, -10));
    }

    /** Who may write claims need not be who owns the tables. */
    @Test
    void aClaimOfWhatIsNoNameRemovesNothing() {
        fixture.makeOldDays(now, 10);
        keeper.runWhenPossible().block(LIMIT);
        POSTGRES.execute("update retention_claim set archive_schema = E'archive\\nb'");
        Throwable failure = catchThrowable(
                () -> fixture.keeper(now, settings(7, MANY)).run().block(LIMIT));
        assertThat(POSTGRES.count("pg_namespace where nspname like 'archive%'")).isZero();
        assertThat(fixture.attached()).contains(table(now, -10));
        assertThat(failure).hasMessageContaining("retention_claim");
    }

    private static PartitionSettings archiving(int removalStep) {
        return new PartitionSettings(7, Duration.ofDays(7), DAY, DAY, removalStep, "archive");
    }

    private static List<String> archived() {
        return POSTGRES
                .rows("select tablename::text as name from pg_tables where schemaname = 'archive' order by 1")
                .stream()
                .map(row -> (String) row.get("name"))
                .toList();
    }
}
