package dev.sluice.store.schema;

import static dev.sluice.store.schema.KeeperFixture.LIMIT;
import static dev.sluice.store.schema.KeeperFixture.settings;
import static dev.sluice.store.schema.KeeperFixture.table;
import static dev.sluice.store.schema.KeeperFixture.tables;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class RetentionIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared().empty();

    private static final int MANY = 1000;

    private final KeeperFixture fixture = new KeeperFixture(POSTGRES);
    private final Instant now = Instant.now();

    @BeforeEach
    void freshTables() throws InterruptedException {
        fixture.freshTables();
    }

    @Test
    void daysOlderThanRetentionAreRemovedAndNoOthers() {
        fixture.makeOldDays(now, 10, 9, 8, 7, 6);
        PartitionKeeper keeper = fixture.keeper(now, settings(7, MANY));
        keeper.runWhenPossible().block(LIMIT);
        assertThat(keeper.overdueDays())
                .as("told by a start, which removes nothing")
                .isEqualTo(3);
        keeper.run().block(LIMIT);
        assertThat(fixture.tables()).startsWith(tables(now, -7, -6)).doesNotContain(tables(now, -10, -9, -8));
        assertThat(keeper.overdueDays()).isZero();
    }

    @Test
    void oneDayIsRemovedInAnHourWhateverTheSettingsAsk() {
        fixture.makeOldDays(now, 12, 11, 10, 9, 8);
        PartitionKeeper keeper = fixture.keeper(now);
        keeper.run().block(LIMIT);
        assertThat(fixture.tables()).startsWith(tables(now, -11, -10, -9, -8));
        assertThat(keeper.overdueDays()).isEqualTo(4);
        fixture.keeper(now).run().block(LIMIT);
        assertThat(fixture.tables()).as("another replica, at once").startsWith(tables(now, -11));
        fixture.anHourPasses();
        keeper.run().block(LIMIT);
        assertThat(fixture.tables()).startsWith(tables(now, -10, -9, -8));
    }

    @Test
    void startRemovesNothing() {
        fixture.makeOldDays(now, 10);
        fixture.keeper(now, settings(7, MANY)).runWhenPossible().block(LIMIT);
        assertThat(fixture.attached()).contains(table(now, -10));
    }

    @Test
    void serviceWhoseClockIsFarAheadRemovesNothing() {
        fixture.makeOldDays(now, 7, 6, 5, 4, 3, 2, 1, 0);
        committedBatch("1 hour");
        PartitionKeeper keeper = fixture.keeper(now.plus(40, ChronoUnit.DAYS), settings(7, MANY));
        keeper.runWhenPossible().block(LIMIT);
        keeper.run().block(LIMIT);
        assertThat(fixture.attached()).contains(tables(now, -7, -6, -5, -4, -3, -2, -1, 0));
        assertThat(POSTGRES.count("ingest_batch")).isEqualTo(1);
        assertThat(keeper.skewSeconds()).isBetween(-40 * 86_400.0 - 60, -40 * 86_400.0 + 60);
        assertThat(keeper.refusals(PartitionKeeper.Refusal.CLOCKS_DIFFER)).isEqualTo(1);
    }

    @Test
    void serviceAndDatabaseFarAheadTogetherRemoveNothingForADayAndThenLittle() {
        fixture.makeOldDays(now, 9, 7, 6, 5, 4, 3, 2, 1, 0);
        committedBatch("1 hour");
        fixture.setDatabaseClock("40 days");
        PartitionKeeper keeper = fixture.keeper(now.plus(40, ChronoUnit.DAYS), settings(7, 1));
        keeper.run().block(LIMIT);
        assertThat(fixture.attached()).contains(tables(now, -9, -7, -6, -5));
        assertThat(POSTGRES.count("ingest_batch")).isEqualTo(1);
        assertThat(keeper.refusals(PartitionKeeper.Refusal.CLOCK_JUMPED)).isEqualTo(1);
        POSTGRES.execute("update retention_pass set steady_since = steady_since - interval '1 day'");
        keeper.run().block(LIMIT);
        assertThat(fixture.attached()).doesNotContain(table(now, -9)).contains(tables(now, -7, -6, -5));
    }

    @Test
    void clockThatComesBackFromFarAheadIsAJump() {
        fixture.setDatabaseClock("40 days");
        fixture.keeper(now.plus(40, ChronoUnit.DAYS)).runWhenPossible().block(LIMIT);
        fixture.setDatabaseClock("0");
        fixture.makeOldDays(now, 9);
        PartitionKeeper keeper = fixture.keeper(now);
        keeper.run().block(LIMIT);
        assertThat(fixture.attached()).contains(table(now, -9));
        assertThat(keeper.refusals(PartitionKeeper.Refusal.CLOCK_JUMPED)).isEqualTo(1);
    }

    @Test
    void rowsOfAServiceThatStartedWithAClockFarBehindAreKeptWhenItIsPutRight() {
        Instant behind = now.minus(60, ChronoUnit.DAYS);
        fixture.keeper(behind, settings(30, MANY)).runWhenPossible().block(LIMIT);
        fixture.insert(behind.toString());
        PartitionKeeper keeper = fixture.keeper(now, settings(30, MANY));
        keeper.run().block(LIMIT);
        fixture.anHourPasses();
        keeper.run().block(LIMIT);
        assertThat(POSTGRES.count("log_event")).isEqualTo(1);
    }

    @Test
    void dayThatWasWrittenToLatelyStaysForAsLongAsItsRowsAreToBeKept() {
        fixture.makeOldDays(now, 10, 9);
        PartitionKeeper keeper = fixture.keeper(now, settings(7, MANY));
        keeper.runWhenPossible().block(LIMIT);
        fixture.insert(now.minus(10, ChronoUnit.DAYS).toString());
        Await.until(() ->
                POSTGRES.count("pg_stat_all_tables where n_tup_ins > 0 and relname = '" + table(now, -10) + "'") == 1);
        keeper.run().block(LIMIT);
        assertThat(fixture.attached()).contains(table(now, -10)).doesNotContain(table(now, -9));
        POSTGRES.execute("update log_event_day set written_at = written_at - interval '7 days'");
        keeper.run().block(LIMIT);
        assertThat(fixture.attached()).doesNotContain(table(now, -10));
    }

    @Test
    void replicaWithAShorterRetentionDoesNotDecideForTheOthers() {
        fixture.makeOldDays(now, 20, 10);
        fixture.keeper(now, settings(30, MANY)).runWhenPossible().block(LIMIT);
        PartitionKeeper impatient = fixture.keeper(now, settings(3, MANY));
        impatient.run().block(LIMIT);
        assertThat(fixture.attached()).contains(tables(now, -20, -10));
        POSTGRES.execute(
                "update retention_claim set claimed_at = claimed_at - interval '25 hours' where event_seconds > 3 * 86400");
        impatient.run().block(LIMIT);
        assertThat(fixture.attached()).doesNotContain(tables(now, -20, -10));
    }

    @Test
    void replicaThatRemembersNothingDoesNotEmptyTheLedgerOfTheOthers() {
        committedBatch("5 hours");
        POSTGRES.execute(
                "insert into ingest_delivery values (gen_random_uuid(), pg_catalog.now() - interval '5 hours')");
        fixture.keeper(now).runWhenPossible().block(LIMIT);
        PartitionSettings forgetful =
                new PartitionSettings(7, Duration.ofDays(7), Duration.ofHours(1), Duration.ZERO, 1, null);
        fixture.keeper(now, forgetful).run().block(LIMIT);
        assertThat(POSTGRES.count("ingest_batch")).isEqualTo(1);
        assertThat(POSTGRES.count("ingest_delivery")).isEqualTo(1);
    }

    @Test
    void oldLedgerRowsAndDeadLettersAreRemoved() {
        POSTGRES.execute(
                "insert into ingest_batch select gen_random_uuid(), pg_catalog.now() - n * interval '1 second', 1"
                        + " from generate_series(86340, 99999) n");
        POSTGRES.execute(
                "insert into ingest_delivery values (gen_random_uuid(), pg_catalog.now() - interval '25 hours'),"
                        + " (gen_random_uuid(), pg_catalog.now() - interval '23 hours')");
        POSTGRES.execute(
                "insert into dead_letter (received_at, stored_at) select pg_catalog.now() - n * interval '1 day', null"
                        + " from generate_series(0, 9) n");
        fixture.keeper(now, settings(7, MANY)).run().block(LIMIT);
        assertThat(POSTGRES.count("ingest_batch")).isBetween(1L, 120L);
        assertThat(POSTGRES.count("ingest_delivery")).isEqualTo(1);
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(7);
    }

    @Test
    void deadLettersGoADayAnHourAndNotBeforeTheyWereStoredForLongEnough() {
        POSTGRES.execute(
                "insert into dead_letter (received_at, stored_at) select pg_catalog.now() - n * interval '1 day',"
                        + " pg_catalog.now() - n * interval '1 day' from generate_series(0, 10) n");
        POSTGRES.execute("insert into dead_letter (received_at) values (pg_catalog.now() - interval '60 days')");
        PartitionKeeper keeper = fixture.keeper(now);
        keeper.run().block(LIMIT);
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(11);
        keeper.run().block(LIMIT);
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(11);
        fixture.anHourPasses();
        keeper.run().block(LIMIT);
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(10);
    }

    @Test
    void tableThatTheOperatorDetachedIsNeitherRemovedNorAttachedAgain() {
        fixture.makeOldDays(now, 10, 1);
        POSTGRES.execute("alter table log_event detach partition " + table(now, -10));
        POSTGRES.execute("alter table log_event detach partition " + table(now, -1));
        PartitionKeeper keeper = fixture.keeper(now, settings(7, MANY));
        keeper.run().block(LIMIT);
        assertThat(fixture.tables()).contains(tables(now, -10, -1));
        assertThat(fixture.attached()).doesNotContain(tables(now, -10, -1));
    }

    @Test
    void tableOfTheNameOfADayIsNotSluicesBecauseOfItsName() {
        POSTGRES.execute("create table " + table(now, -30) + " (restored text)");
        POSTGRES.execute("create table archive (like log_event) partition by range (received_at)");
        POSTGRES.execute("create table " + table(now, -40)
                + " partition of archive for values from ('%s') to ('%s')"
                        .formatted(
                                KeeperFixture.day(now, -40).begin(),
                                KeeperFixture.day(now, -40).end()));
        POSTGRES.execute(
                "create table log_event_archive partition of log_event for values from (minvalue) to ('2020-01-01')");
        fixture.keeper(now, settings(7, MANY)).run().block(LIMIT);
        assertThat(fixture.tables()).contains(table(now, -30), table(now, -40), "log_event_archive");
    }

    @Test
    void partitionThatSomebodyElseMadeIsKept() {
        POSTGRES.execute("create table " + table(now, -30)
                + " partition of log_event for values from ('%s') to ('%s')"
                        .formatted(
                                KeeperFixture.day(now, -30).begin(),
                                KeeperFixture.day(now, -30).end()));
        fixture.keeper(now, settings(7, MANY)).run().block(LIMIT);
        assertThat(fixture.attached()).contains(table(now, -30));
    }

    @Test
    void dayThatWasRestoredUnderItsNameIsKept() {
        fixture.makeOldDays(now, 10);
        fixture.keeper(now).runWhenPossible().block(LIMIT);
        String day = table(now, -10);
        POSTGRES.execute("create table copy (like " + day + ")");
        POSTGRES.execute("drop table " + day);
        POSTGRES.execute("alter table copy rename to " + day);
        fixture.keeper(now, settings(7, MANY)).run().block(LIMIT);
        assertThat(fixture.tables()).contains(day);
    }

    @Test
    void wholeDatabaseFromADumpKeepsItsRetention() {
        fixture.makeOldDays(now, 10, 9);
        fixture.keeper(now).runWhenPossible().block(LIMIT);
        // What pg_restore leaves: the same names and rows, other numbers.
        POSTGRES.execute("update log_event_day set relid = (relid::bigint + 1000000)::oid");
        POSTGRES.execute("update retention_pass set log_event = 1");
        PartitionKeeper keeper = fixture.keeper(now, settings(7, MANY));
        keeper.run().block(LIMIT);
        assertThat(fixture.attached()).contains(tables(now, -10, -9));
        POSTGRES.execute("update retention_pass set steady_since = steady_since - interval '1 day'");
        keeper.run().block(LIMIT);
        assertThat(fixture.tables()).doesNotContain(tables(now, -10, -9));
    }

    @Test
    void daysOfOthersInATableThatTookThePlaceOfOursStay() {
        fixture.makeOldDays(now, 10, 9);
        fixture.keeper(now).runWhenPossible().block(LIMIT);
        POSTGRES.execute("alter table " + table(now, -9) + " rename to log_event_2_of_others");
        POSTGRES.execute("update log_event_day set relid = (relid::bigint + 1000000)::oid");
        POSTGRES.execute("update retention_pass set log_event = 1");
        PartitionKeeper keeper = fixture.keeper(now, settings(7, MANY));
        keeper.run().block(LIMIT);
        POSTGRES.execute("update retention_pass set steady_since = steady_since - interval '1 day'");
        keeper.run().block(LIMIT);
        assertThat(fixture.tables()).contains("log_event_2_of_others").doesNotContain(table(now, -10));
    }

    @Test
    void removalThatWasKilledInTheMiddleIsCompleted() {
        fixture.makeOldDays(now, 10);
        POSTGRES.execute(
                "update log_event_day set detaching_at = pg_catalog.now() where day < pg_catalog.now()::date - 8");
        POSTGRES.execute("alter table log_event detach partition " + table(now, -10));
        fixture.keeper(now, settings(7, MANY)).run().block(LIMIT);
        assertThat(fixture.tables()).doesNotContain(table(now, -10));
    }

    @Test
    void detachThatWasInterruptedIsCompleted() throws Exception {
        fixture.makeOldDays(now, 11, 10, 9);
        POSTGRES.execute(
                "update log_event_day set detaching_at = pg_catalog.now() where day = ?::date",
                KeeperFixture.day(now, -10).day().toString());
        fixture.halfDetach(table(now, -10));
        PartitionKeeper keeper = fixture.keeper(now, settings(7, MANY));
        keeper.run().block(LIMIT);
        assertThat(POSTGRES.count("pg_inherits where inhdetachpending")).isZero();
        assertThat(fixture.tables()).doesNotContain(tables(now, -11, -10, -9));
    }

    @Test
    void dayOfTodayThatSomebodyHalfDetachedGetsAPlaceAgainAndIsKept() throws Exception {
        fixture.keeper(now).runWhenPossible().block(LIMIT);
        fixture.insert(now.toString());
        fixture.halfDetach(table(now, 0));
        fixture.keeper(now).make(Set.of(KeeperFixture.day(now, 0).day())).block(LIMIT);
        fixture.insert(now.toString());
        assertThat(POSTGRES.count(table(now, 0))).isEqualTo(1);
        assertThat(fixture.attached()).contains(table(now, 0) + "_1").doesNotContain(table(now, 0));
    }

    private static void committedBatch(String age) {
        POSTGRES.execute(
                "insert into ingest_batch values (gen_random_uuid(), pg_catalog.now() - interval '" + age + "', 1)");
    }
}
