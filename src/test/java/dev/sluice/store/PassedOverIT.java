package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.store.batch.Batch;
import dev.sluice.store.database.DatabaseHosts;
import dev.sluice.store.database.HostAddress;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import dev.sluice.testing.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.netty.resources.LoopResources;

/** A primary that answers well, after another server has taken its place: what it has committed by then is lost. */
class PassedOverIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.replicated();

    /** Locks that the test holds, and a statement of a lane waits for. */
    private static final int COMMIT = 1;

    private static final int CONFIRM = 2;
    private static final String WAITING = "pg_locks where locktype = 'advisory' and not granted";

    private final Events events = new Events();

    /** One lane waits in its COMMIT, the other makes sure of one whose reply it never got. */
    @Test
    void whatItAnswersIsNotAcknowledged() throws Exception {
        StoreFixture.prepare(POSTGRES);
        waitsFor(COMMIT, "constraint trigger wait after insert on log_event deferrable initially deferred");
        waitsFor(CONFIRM, "trigger wait before update on ingest_batch");
        PostgresServer standby = POSTGRES.standby();
        Await.until(
                () -> count(standby, "pg_trigger where tgname = 'wait' and tgrelid = 'ingest_batch'::regclass") == 1);
        standby.kill();
        LoopResources loops = LoopResources.create("passed-over-test", 1, true);
        try (CuttingProxy proxy = new CuttingProxy(POSTGRES.host(), POSTGRES.port(), CuttingProxy.Cut.BEFORE_REPLY, 1);
                Connection holder = POSTGRES.connect()) {
            DatabaseHosts hosts =
                    hosts(new HostAddress("127.0.0.1", proxy.port()), new HostAddress(standby.host(), standby.port()));
            try (StoreFixture fixture = new StoreFixture(hosts)) {
                lock(holder, CONFIRM);
                CompletableFuture<List<Batch>> confirmed =
                        fixture.start(events.frameBatches(1, 10)).toFuture();
                Await.until(() -> count(POSTGRES.server(), WAITING) == 1);
                lock(holder, COMMIT);
                CompletableFuture<List<Batch>> committed =
                        fixture.start(events.frameBatches(1, 10)).toFuture();
                Await.until(() -> count(POSTGRES.server(), WAITING) == 2);
                standby.start();
                standby.promote();
                Await.until(() -> count(standby, "pg_database where not pg_is_in_recovery()") > 0);
                hosts.primary(loops).block(StoreFixture.LIMIT);
                holder.createStatement().execute("select pg_advisory_unlock_all()");
                confirmed.join();
                committed.join();
                assertThat(fixture.retries).isNotEmpty().containsOnly("reconnect");
            }
        } finally {
            loops.dispose();
        }
        assertThat(count(POSTGRES.server(), "log_event"))
                .as("committed, and passed over")
                .isEqualTo(20);
        assertThat(count(standby, "log_event")).isEqualTo(20);
        assertThat(events.acks).hasValue(2);
    }

    private static void waitsFor(int lock, String trigger) {
        POSTGRES.execute("create function wait_" + lock + "() returns trigger language plpgsql as $$ begin"
                + " perform pg_advisory_xact_lock(" + lock + "); return new; end $$");
        POSTGRES.execute("create " + trigger + " for each row execute function wait_" + lock + "()");
    }

    private static void lock(Connection holder, int lock) throws SQLException {
        holder.createStatement().execute("select pg_advisory_lock(" + lock + ")");
    }

    private static DatabaseHosts hosts(HostAddress... hosts) {
        return StoreFixture.hosts(List.of(hosts), host -> StoreFixture.login(POSTGRES, host), StoreFixture.PUBLIC);
    }

    /** The database itself comes to the standby a moment after it is made. */
    private static long count(PostgresServer server, String from) {
        try (var connection = server.connect(POSTGRES.database());
                ResultSet result = connection.createStatement().executeQuery("select count(*) from " + from)) {
            result.next();
            return result.getLong(1);
        } catch (SQLException notThereYet) {
            return -1;
        }
    }
}
