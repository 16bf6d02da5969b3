package dev.sluice.store.schema;

import static dev.sluice.store.schema.KeeperFixture.LIMIT;
import static dev.sluice.store.schema.KeeperFixture.day;
import static dev.sluice.store.schema.KeeperFixture.settings;
import static dev.sluice.store.schema.KeeperFixture.table;
import static dev.sluice.store.schema.KeeperFixture.tables;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import dev.sluice.testing.LogLines;
import dev.sluice.testing.PostgresExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the owner did to one old day keeps that day, and no other. */
final class UndroppableDayIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared().empty();

    private static final int MANY = 1000;

    private final KeeperFixture fixture = new KeeperFixture(POSTGRES);
    private final Instant now = Instant.now();
    private final PartitionKeeper keeper = fixture.keeper(now, settings(7, MANY));

    @RegisterExtension
    final LogLines log = new LogLines("dev.sluice.store");

    @BeforeEach
    void freshTables() throws InterruptedException {
        fixture.freshTables();
        fixture.makeOldDays(now, 12, 11, 10);
    }

    @Test
    void aViewOnADayKeepsThatDayUntilItIsDropped() {
        POSTGRES.execute("create view report as select * from " + table(now, -12));
        keeper.run().block(LIMIT);
        assertThat(fixture.tables()).contains(table(now, -12)).doesNotContain(tables(now, -11, -10));
        assertThat(keeper.overdueDays()).isEqualTo(1);
        assertThat(warnings()).isEqualTo(1);
        assertThat(log.list())
                .anySatisfy(line ->
                        assertThat(line.getFormattedMessage()).contains(table(now, -12), "depend", "view report"));
        keeper.run().block(LIMIT);
        assertThat(warnings()).as("said once in an hour").isEqualTo(1);
        POSTGRES.execute("drop view report");
        keeper.run().block(LIMIT);
        assertThat(fixture.tables()).doesNotContain(table(now, -12));
        assertThat(keeper.overdueDays()).isZero();
    }

    @Test
    void thePartOfADayThatSluiceMadeGoesAndTheOtherStays() {
        String date = day(now, -9).day().toString();
        POSTGRES.execute(
                "create table morning partition of log_event for values from ('%1$sT06:00Z') to ('%1$sT12:00Z')"
                        .formatted(date));
        keeper.make(Set.of(day(now, -9).day())).block(LIMIT);
        POSTGRES.execute("update log_event_day set made_at = day - 7, written_at = day + 1");
        assertThat(fixture.attached()).contains("morning", table(now, -9), table(now, -9) + "_1");
        keeper.run().block(LIMIT);
        assertThat(fixture.attached()).contains("morning").doesNotContain(table(now, -9), table(now, -9) + "_1");
        assertThat(keeper.overdueDays()).isZero();
    }

    @Test
    void aForeignKeyToADayKeepsThatDay() {
        POSTGRES.execute("alter table " + table(now, -11) + " add primary key (received_at)");
        POSTGRES.execute("create table notes (at timestamptz references " + table(now, -11) + ")");
        keeper.run().block(LIMIT);
        assertThat(fixture.tables()).contains(table(now, -11)).doesNotContain(tables(now, -12, -10));
        assertThat(keeper.overdueDays()).isEqualTo(1);
    }

    @Test
    void theNextDayGoesAfterAnHourWhateverBecameOfTheOneBefore() {
        POSTGRES.execute("create view report as select * from " + table(now, -12));
        PartitionKeeper slow = fixture.keeper(now, settings(7, 1));
        slow.run().block(LIMIT);
        slow.run().block(LIMIT);
        assertThat(fixture.attached()).as("one day in an hour").contains(tables(now, -11, -10));
        fixture.anHourPasses();
        slow.run().block(LIMIT);
        slow.run().block(LIMIT);
        assertThat(fixture.tables()).doesNotContain(table(now, -11));
        assertThat(fixture.attached()).contains(table(now, -10));
        fixture.anHourPasses();
        slow.run().block(LIMIT);
        assertThat(fixture.tables()).contains(table(now, -12)).doesNotContain(table(now, -10));
    }

    @Test
    void aDayThatSomebodyHalfDetachedIsNotInTheWayAndIsKept() throws Exception {
        fixture.halfDetach(table(now, -12));
        keeper.runWhenPossible().block(LIMIT);
        assertThat(keeper.findings())
                .containsOnlyKeys(DatabaseFinding.PENDING_DETACH)
                .containsValue(table(now, -12));
        keeper.run().block(LIMIT);
        assertThat(fixture.tables()).contains(table(now, -12)).doesNotContain(tables(now, -11, -10));
        assertThat(POSTGRES.count("pg_inherits where inhdetachpending")).isZero();
        assertThat(keeper.overdueDays()).isZero();
    }

    @Test
    void aDayThatWasHalfDetachedUnderAShorterRetentionIsNotInTheWay() throws Exception {
        fixture.makeOldDays(now, 5);
        POSTGRES.execute("update log_event_day set detaching_at = pg_catalog.now() where day = '"
                + day(now, -5).day() + "'");
        fixture.halfDetach(table(now, -5));
        keeper.run().block(LIMIT);
        assertThat(fixture.tables()).contains(table(now, -5)).doesNotContain(tables(now, -12, -11, -10));
    }

    @Test
    void whoHoldsUpADayThatSomebodyHalfDetachedIsSaid() throws Exception {
        fixture.makeOldDays(now, 5);
        try (Connection reader = snapshot()) {
            fixture.halfDetach(table(now, -5));
            keeper.run().block(LIMIT);
        }
        assertThat(fixture.attached()).contains(tables(now, -12, -11, -10));
        assertThat(keeper.overdueDays()).isEqualTo(3);
        assertThat(warnings()).as("one for all that wait for it").isEqualTo(1);
        assertThat(log.list())
                .anySatisfy(line ->
                        assertThat(line.getFormattedMessage()).contains(table(now, -5), "half detached", "pid "));
    }

    @Test
    void aDayAheadThatSomebodyHalfDetachedHoldsUpNoStartAndNoOtherDay() throws Exception {
        fixture.makeOldDays(now, -3);
        try (Connection reader = snapshot()) {
            fixture.halfDetach(table(now, 3));
            keeper.runWhenPossible().block(LIMIT);
        }
        assertThat(fixture.attached())
                .contains(tables(now, 0, 1, 2, 4, 5, 6, 7))
                .doesNotContain(table(now, 3));
    }

    @Test
    void aDayThatCannotBeMadeKeepsNoOldOne() {
        POSTGRES.execute("create function forbid() returns trigger language plpgsql as"
                + " $$ begin raise exception 'no'; end $$");
        POSTGRES.execute("create trigger owners before insert on log_event_day for each row when (new.day = '"
                + day(now, 2).day() + "') execute function forbid()");
        assertThatThrownBy(() -> keeper.run().block(LIMIT)).hasMessageContaining("no");
        assertThat(fixture.attached()).contains(tables(now, 1, 3)).doesNotContain(tables(now, -12, -11, -10));
    }

    @Test
    void aDefaultPartitionIsFoundAndSaid() {
        POSTGRES.execute("create table rest partition of log_event default");
        keeper.run().block(LIMIT);
        assertThat(keeper.findings()).containsEntry(DatabaseFinding.DEFAULT_PARTITION, "rest");
        assertThat(fixture.attached()).contains(tables(now, -12, -11, -10));
        assertThat(keeper.overdueDays()).isEqualTo(3);
        assertThat(log.list())
                .anySatisfy(line -> assertThat(line.getFormattedMessage()).contains("rest", "DEFAULT", "3"));
        POSTGRES.execute("drop table rest");
        keeper.run().block(LIMIT);
        assertThat(fixture.tables()).doesNotContain(tables(now, -12, -11, -10));
        assertThat(keeper.findings()).isEmpty();
    }

    @Test
    void aLedgerThatCannotBeRemovedFromKeepsNoDay() {
        POSTGRES.execute(
                "insert into ingest_batch values (gen_random_uuid(), pg_catalog.now() - interval '9 days', 1)");
        POSTGRES.execute("create function forbid() returns trigger language plpgsql as"
                + " $$ begin raise exception 'not today'; end $$");
        POSTGRES.execute("create trigger owners before delete on ingest_batch for each row execute function forbid()");
        keeper.run().block(LIMIT);
        assertThat(fixture.tables()).doesNotContain(tables(now, -12, -11, -10));
        assertThat(log.list())
                .anySatisfy(line -> assertThat(line.getFormattedMessage()).contains("ingest_batch", "not today"));
    }

    /** A keeper that lost its connection could not take the mark back. */
    @Test
    void aMarkThatWasLeftIsNoReasonToDropWhatTheOperatorDetachedLater() {
        POSTGRES.execute(
                "update log_event_day set detaching_at = pg_catalog.now() where day < pg_catalog.now()::date - 8");
        keeper.runWhenPossible().block(LIMIT);
        POSTGRES.execute("alter table log_event detach partition " + table(now, -10));
        keeper.run().block(LIMIT);
        assertThat(fixture.tables()).contains(table(now, -10)).doesNotContain(tables(now, -12, -11));
        assertThat(POSTGRES.count("log_event_day where day = '" + day(now, -10).day() + "' and removed_at is not null"))
                .isZero();
    }

    /** Holds up a detach of any day. */
    private static Connection snapshot() throws SQLException {
        Connection reader = POSTGRES.connect();
        reader.setAutoCommit(false);
        reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        reader.createStatement().executeQuery("select count(*) from log_event");
        return reader;
    }

    private long warnings() {
        return log.list().stream()
                .filter(line ->
                        line.getLevel() == Level.WARN && line.getLoggerName().endsWith("UndoneRemovals"))
                .count();
    }
}
