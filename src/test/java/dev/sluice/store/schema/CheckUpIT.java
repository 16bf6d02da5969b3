package dev.sluice.store.schema;

import static dev.sluice.store.schema.KeeperFixture.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.PostgresExtension;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class CheckUpIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.restorable().empty();

    private final KeeperFixture fixture = new KeeperFixture(POSTGRES);
    private final Instant now = Instant.now();
    private PartitionKeeper keeper;

    @BeforeEach
    void freshTables() throws InterruptedException {
        fixture.freshTables();
        keeper = fixture.keeper(now);
        keeper.runWhenPossible().block(LIMIT);
    }

    @Test
    void whatTheMigrationMadeIsWell() {
        assertFound();
    }

    @Test
    void whatTheOwnerChangedIsFoundAndForgottenWhenItIsPutRight() {
        POSTGRES.execute("alter table " + KeeperFixture.table(now, 0) + " set unlogged");
        POSTGRES.execute("create function nothing() returns trigger language plpgsql as $$ begin return null; end $$");
        POSTGRES.execute("create trigger swallow before insert on log_event for each row execute function nothing()");
        POSTGRES.execute("alter table dead_letter enable row level security");
        POSTGRES.execute(
                "alter role current_user in database " + POSTGRES.database() + " set synchronous_commit = off");
        keeper.runWhenPossible().block(LIMIT);
        assertFound(
                DatabaseFinding.UNLOGGED_TABLE,
                DatabaseFinding.TRIGGER,
                DatabaseFinding.ROW_SECURITY,
                DatabaseFinding.SYNCHRONOUS_COMMIT_OFF);
        POSTGRES.execute("alter table " + KeeperFixture.table(now, 0) + " set logged");
        POSTGRES.execute("drop trigger swallow on log_event");
        POSTGRES.execute("alter table dead_letter disable row level security");
        POSTGRES.execute("alter role current_user in database " + POSTGRES.database() + " reset synchronous_commit");
        keeper.runWhenPossible().block(LIMIT);
        assertFound();
    }

    @Test
    void aTimeLimitForTransactionsIsFound() {
        POSTGRES.execute(
                "alter role current_user in database " + POSTGRES.database() + " set transaction_timeout = '5min'");
        keeper.runWhenPossible().block(LIMIT);
        assertFound(DatabaseFinding.TRANSACTION_TIMEOUT);
        POSTGRES.execute("alter role current_user in database " + POSTGRES.database() + " reset transaction_timeout");
    }

    @Test
    void aPartitionOnAnotherServerIsFound() {
        String tomorrow = KeeperFixture.table(now, 1);
        POSTGRES.execute("alter table log_event detach partition " + tomorrow);
        POSTGRES.execute("drop table " + tomorrow);
        POSTGRES.server()
                .asSuperuser(
                        POSTGRES.database(),
                        "create foreign data wrapper nothing; grant usage on foreign data wrapper nothing to "
                                + POSTGRES.user());
        POSTGRES.execute("create server elsewhere foreign data wrapper nothing");
        DayPartition day = KeeperFixture.day(now, 1);
        POSTGRES.execute("create foreign table far_away partition of log_event for values from ('" + day.begin()
                + "') to ('" + day.end() + "') server elsewhere");
        keeper.runWhenPossible().block(LIMIT);
        assertFound(DatabaseFinding.FOREIGN_PARTITION);
        assertThat(keeper.findings()).containsEntry(DatabaseFinding.FOREIGN_PARTITION, "far_away");
        POSTGRES.execute("drop foreign table far_away");
        keeper.runWhenPossible().block(LIMIT);
        assertFound();
    }

    /** Both are the whole server's, and read again without a restart. */
    @ParameterizedTest
    @EnumSource(names = {"FSYNC_OFF", "FULL_PAGE_WRITES_OFF"})
    void aServerThatMayLoseWhatItCommittedIsFound(DatabaseFinding finding) {
        String setting = finding == DatabaseFinding.FSYNC_OFF ? "fsync" : "full_page_writes";
        POSTGRES.server().set(setting, "off");
        keeper.runWhenPossible().block(LIMIT);
        assertFound(finding);
        POSTGRES.server().set(setting, "on");
        keeper.runWhenPossible().block(LIMIT);
        assertFound();
    }

    private void assertFound(DatabaseFinding... findings) {
        assertThat(keeper.findings()).containsOnlyKeys(findings);
    }
}
