package dev.sluice.store.schema;

import static dev.sluice.store.schema.KeeperFixture.DAY;
import static dev.sluice.store.schema.KeeperFixture.LIMIT;
import static dev.sluice.store.schema.KeeperFixture.WEEK;
import static dev.sluice.store.schema.KeeperFixture.day;
import static dev.sluice.store.schema.KeeperFixture.table;
import static java.time.ZoneOffset.UTC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.store.database.JdbcUrl;
import dev.sluice.store.database.TableHome;
import dev.sluice.store.database.TableLayout;
import dev.sluice.store.failure.NoPlaceException;
import dev.sluice.testing.PostgresExtension;
import io.r2dbc.spi.ConnectionFactories;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tables whose partitions are somebody else's: a hypertable looks like a plain table from here. */
final class ExternalDaysIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared().empty();

    private static final String COLUMNS = """
            (received_at timestamptz not null, event_at timestamptz not null, severity smallint, facility smallint,
             host text, app text, proc_id text, msg_id text, message text not null, attributes jsonb,
             source text not null, listener text not null)""";

    private final KeeperFixture fixture = new KeeperFixture(POSTGRES);
    private final Instant now = Instant.now();
    private final LocalDate today = LocalDate.ofInstant(now, UTC);
    private final PartitionKeeper keeper = new PartitionKeeper(
            ConnectionFactories.get(fixture.options()),
            new TableHome("public", TableLayout.EXTERNAL),
            WEEK,
            InstantSource.fixed(now));

    @BeforeEach
    void freshTables() throws InterruptedException {
        fixture.freshTables();
    }

    @Test
    void aPlainTableTakesAllAndStaysAsItIs() throws Exception {
        replaceTable("");
        POSTGRES.execute("insert into log_event (received_at, event_at, message, source, listener)"
                + " values (now() - interval '90 days', now(), 'old', 'a', 'main')");
        List<String> before = tables();

        start(TableLayout.EXTERNAL);
        keeper.runWhenPossible().block(LIMIT);
        keeper.run().block(LIMIT);
        keeper.make(Set.of(today.minusDays(3))).block(LIMIT);

        assertThat(tables()).isEqualTo(before);
        assertThat(POSTGRES.count("log_event")).isEqualTo(1);
        assertThat(keeper.horizonSeconds()).isEqualTo(366 * 86_400.0);
        assertThat(keeper.overdueDays()).isZero();
    }

    @Test
    void aPlainTableIsRefusedWithWhatToSet() {
        replaceTable("");

        assertThatThrownBy(() -> start(TableLayout.NATIVE))
                .isInstanceOf(SchemaMigrationException.class)
                .hasMessageContaining("log_event has no partitions of PostgreSQL's. Where others partition it")
                .hasMessageContaining("set sluice.store.layout=external")
                .hasMessageNotContaining("Somebody renamed");
    }

    @Test
    void monthsOfOthersAndOldDaysOfOursStayAsTheyAre() throws Exception {
        fixture.makeOldDays(now, 12, 11);
        LocalDate month = today.withDayOfMonth(1);
        POSTGRES.execute("create table this_month partition of log_event for values from ('" + today.minusDays(5)
                + " 00:00Z') to ('" + month.plusMonths(1) + " 00:00Z')");
        month("old_month", month.minusMonths(3));
        month("next_month", month.plusMonths(1));
        List<String> before = tables();

        start(TableLayout.EXTERNAL);
        keeper.runWhenPossible().block(LIMIT);
        keeper.run().block(LIMIT);

        assertThat(tables()).isEqualTo(before);
        assertThat(keeper.overdueDays()).isZero();
        Instant end = month.plusMonths(2).atStartOfDay(UTC).toInstant();
        assertThat(keeper.horizonSeconds()).isEqualTo(Duration.between(now, end).toMillis() / 1000.0);
        fixture.keeper(now, WEEK).run().block(LIMIT); // it stayed because of the layout alone
        assertThat(tables()).contains("old_month of log_event").doesNotContain(table(now, -12) + " of log_event");
    }

    @Test
    void aMissingPlaceIsNamed() {
        assertThatThrownBy(() -> keeper.runWhenPossible().block(LIMIT))
                .isInstanceOf(SchemaMigrationException.class)
                .hasMessageContaining("log_event has no place for rows of " + today)
                .hasMessageContaining("sluice.store.layout is external");
        POSTGRES.execute("create table the_day partition of log_event for values from ('" + today + " 00:00Z') to ('"
                + today.plusDays(1) + " 00:00Z')");

        keeper.runWhenPossible().block(LIMIT);
        keeper.make(Set.of(today)).block(LIMIT);

        assertThat(keeper.horizonSeconds()).isBetween(0.0, (double) DAY.toSeconds());
        LocalDate before = day(now, -2).day();
        assertThatThrownBy(
                        () -> keeper.make(new TreeSet<>(Set.of(before, today))).block(LIMIT))
                .isInstanceOf(NoPlaceException.class)
                .hasMessageContaining("[" + before + "]");
        assertThat(tables())
                .contains("the_day of log_event")
                .doesNotContain(table(now, -2) + " of log_event", table(now, 1) + " of log_event");
    }

    @Test
    void aDefaultPartitionIsAPlaceToo() {
        POSTGRES.execute("create table the_rest partition of log_event default");

        keeper.runWhenPossible().block(LIMIT);
        keeper.run().block(LIMIT);

        assertThat(keeper.findings()).doesNotContainKey(DatabaseFinding.DEFAULT_PARTITION);
        assertThat(keeper.horizonSeconds())
                .as("what tells that somebody stopped")
                .isZero();
    }

    private static void replaceTable(String partitions) {
        POSTGRES.execute("drop view logs cascade");
        POSTGRES.execute("drop table log_event");
        POSTGRES.execute("create table log_event " + COLUMNS + partitions);
    }

    private static void month(String name, LocalDate first) {
        POSTGRES.execute("create table " + name + " partition of log_event for values from ('" + first
                + " 00:00Z') to ('" + first.plusMonths(1) + " 00:00Z')");
    }

    /** With whom each belongs to. */
    private static List<String> tables() {
        return POSTGRES
                .rows("select c.relname || coalesce(' of ' || i.inhparent::regclass, '') as name from pg_class c"
                        + " left join pg_inherits i on i.inhrelid = c.oid"
                        + " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1")
                .stream()
                .map(row -> (String) row.get("name"))
                .toList();
    }

    private void start(TableLayout layout) throws InterruptedException {
        new SchemaMigration(
                        JdbcUrl.of(fixture.options()),
                        POSTGRES.user(),
                        POSTGRES.password(),
                        new TableHome(null, layout))
                .run();
    }
}
