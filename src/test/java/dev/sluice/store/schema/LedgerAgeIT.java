package dev.sluice.store.schema;

import static dev.sluice.store.schema.KeeperFixture.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The ledger is kept for hours or minutes, and so a step of the clock by less than a day would empty it, too. */
final class LedgerAgeIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared().empty();

    private static final PartitionSettings BRIEFLY =
            new PartitionSettings(7, Duration.ofDays(7), Duration.ofHours(1), Duration.ofMinutes(10), 1, null);

    private final KeeperFixture fixture = new KeeperFixture(POSTGRES);
    private volatile Instant now = Instant.now();
    private final PartitionKeeper keeper = fixture.keeper(() -> now, BRIEFLY);

    @BeforeEach
    void freshTables() throws InterruptedException {
        fixture.freshTables();
    }

    @Test
    void rowsOfNowStayWhenTheClocksGoAheadByHoursBetweenTwoPasses() {
        keeper.runWhenPossible().block(LIMIT);
        ledger("1 minute");
        clocksAheadBy(5);
        keeper.run().block(LIMIT);
        fixture.keeper(() -> now, BRIEFLY).run().block(LIMIT);
        assertLedger(1);
        assertThat(keeper.refusals(PartitionKeeper.Refusal.CLOCK_JUMPED)).isEqualTo(1);
    }

    @Test
    void rowsOfNowStayWhenTheClocksGoAheadByHoursWhileNobodyWatches() {
        keeper.runWhenPossible().block(LIMIT);
        ledger("1 minute");
        ledger("7 hours");
        clocksAheadBy(5);
        PartitionKeeper next = fixture.keeper(() -> now, BRIEFLY);
        next.runWhenPossible().block(LIMIT);
        next.run().block(LIMIT);
        assertLedger(1);
    }

    /** A batch whose COMMIT has no answer waits meanwhile, and its lane asks for it when the database is back. */
    @Test
    void batchesDoNotAgeWhileTheDatabaseIsAway() {
        keeper.runWhenPossible().block(LIMIT);
        POSTGRES.execute(
                "insert into ingest_batch values (gen_random_uuid(), pg_catalog.now() - interval '2 hours', 1)");
        POSTGRES.execute("update retention_pass set passed_at = passed_at - interval '119 minutes'");
        keeper.run().block(LIMIT);
        assertThat(POSTGRES.count("ingest_batch")).isEqualTo(1);
        keeper.run().block(LIMIT);
        assertThat(POSTGRES.count("ingest_batch")).isZero();
    }

    @Test
    void rowsGoByTheirAgeWhenTheClockGoesSteadily() {
        ledger("9 minutes");
        ledger("70 minutes");
        keeper.runWhenPossible().block(LIMIT);
        keeper.run().block(LIMIT);
        assertLedger(1);
    }

    /** While a snapshot is held, deleted rows stay in the index: each piece must not read those before it again. */
    @Test
    void manyRowsGoInPiecesThatReadEachRowOnce() throws SQLException {
        int rows = 60_000;
        POSTGRES.execute("insert into ingest_batch select gen_random_uuid(), pg_catalog.now() - interval '5 hours'"
                + " + (n / 3) * interval '1 ms', 1 from generate_series(1, " + rows + ") n");
        POSTGRES.execute("insert into ingest_delivery select gen_random_uuid(), pg_catalog.now() - interval '5 hours'"
                + " from generate_series(1, 12000)");
        POSTGRES.execute("analyze ingest_batch");
        ledger("1 minute");
        long before = entriesRead();
        try (Connection reader = POSTGRES.connect()) {
            reader.setAutoCommit(false);
            reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            reader.createStatement().executeQuery("select 1");
            keeper.runWhenPossible().block(LIMIT);
            assertThat(keeper.ledger().overdueSeconds(Ledger.Table.INGEST_BATCH))
                    .isBetween(14_000.0, 14_500.0);
            keeper.run().block(LIMIT);
        }
        assertLedger(1);
        assertThat(keeper.ledger().overdueSeconds(Ledger.Table.INGEST_BATCH)).isZero();
        assertThat(keeper.ledger().bytes(Ledger.Table.INGEST_BATCH)).isGreaterThan(60_000 * 50.0);
        Await.until(() -> entriesRead() - before >= 2 * rows);
        assertThat(entriesRead() - before).isLessThan(5 * rows);
    }

    private static long entriesRead() {
        return ((Number) POSTGRES.rows("select idx_tup_read from pg_stat_all_indexes"
                                + " where indexrelname = 'ingest_batch_committed_at'")
                        .getFirst()
                        .get("idx_tup_read"))
                .longValue();
    }

    private void clocksAheadBy(int hours) {
        fixture.setDatabaseClock(hours + " hours");
        now = now.plus(Duration.ofHours(hours));
    }

    private static void ledger(String age) {
        POSTGRES.execute(
                "insert into ingest_batch values (gen_random_uuid(), pg_catalog.now() - interval '" + age + "', 1)");
        POSTGRES.execute(
                "insert into ingest_delivery values (gen_random_uuid(), pg_catalog.now() - interval '" + age + "')");
    }

    private static void assertLedger(int rows) {
        assertThat(POSTGRES.count("ingest_batch")).isEqualTo(rows);
        assertThat(POSTGRES.count("ingest_delivery")).isEqualTo(rows);
    }
}
