package dev.sluice.store.schema;

import static dev.sluice.store.schema.KeeperFixture.LIMIT;
import static dev.sluice.store.schema.KeeperFixture.settings;
import static dev.sluice.store.schema.KeeperFixture.tables;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.store.database.TableHome;
import dev.sluice.store.database.TableLayout;
import dev.sluice.testing.PostgresExtension;
import io.r2dbc.spi.ConnectionFactories;
import java.sql.Connection;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Removal in the forms that Citus 13.2 takes; triggers refuse here what it refuses. */
final class DistributedTablesIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared().empty();

    private final KeeperFixture fixture = new KeeperFixture(POSTGRES);
    private final Instant now = Instant.now();

    @BeforeEach
    void refuseAsCitusDoes() throws InterruptedException {
        fixture.freshTables();
        POSTGRES.execute("""
                create function fake.refuse_ctid() returns trigger language plpgsql as $$ begin
                  if current_query() ~* 'ctid' then
                    raise 'cannot perform distributed planning for the given modification' using errcode = '0A000';
                  end if;
                  return null;
                end $$""");
        for (String table : List.of("ingest_batch", "ingest_delivery", "dead_letter")) {
            POSTGRES.execute("create trigger citus before delete on " + table
                    + " for each statement execute function fake.refuse_ctid()");
        }
    }

    /** A plain detach has nothing begun when it gives up, and COPY waits no longer than it does. */
    @Test
    void oldDaysAndRowsGo() throws Exception {
        makeOldOnes();
        try (Connection reader = POSTGRES.connect()) {
            reader.setAutoCommit(false);
            reader.createStatement().executeQuery("select count(*) from log_event");
            keeper().run().block(LIMIT);
        }
        assertThat(fixture.attached()).contains(tables(now, -10));
        assertThat(POSTGRES.count("ingest_batch")).isZero();
        assertThat(POSTGRES.count("ingest_delivery")).isZero();
        assertThat(POSTGRES.count("dead_letter")).isZero();

        keeper().run().block(LIMIT);

        assertThat(fixture.tables()).doesNotContain(tables(now, -10));
    }

    private void makeOldOnes() {
        fixture.makeOldDays(now, 10);
        String old = "pg_catalog.now() - interval '9 days'";
        POSTGRES.execute("insert into ingest_batch values (gen_random_uuid(), " + old + ", 1)");
        POSTGRES.execute("insert into ingest_delivery values (gen_random_uuid(), " + old + ")");
        POSTGRES.execute(
                "insert into dead_letter (id, received_at, stored_at, source, listener, protocol, reason, detail, payload)"
                        + " values (gen_random_uuid(), " + old + ", " + old
                        + ", 'a', 'main', 'syslog', 'too_long', '', '')");
    }

    private PartitionKeeper keeper() {
        return new PartitionKeeper(
                ConnectionFactories.get(fixture.options()),
                new TableHome("public", TableLayout.CITUS),
                settings(7, 1),
                InstantSource.fixed(now));
    }
}
