package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.store.database.HostAddress;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import dev.sluice.testing.PostgresServer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A standby takes over that never got the last batches; what it lacks was acknowledged. */
class AsynchronousLossIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.replicated();

    private final Events events = new Events();

    @Test
    void whatTheStandbyNeverGotIsTold() {
        StoreFixture.prepare(POSTGRES);
        PostgresServer standby = POSTGRES.standby();
        List<HostAddress> hosts = List.of(
                new HostAddress(POSTGRES.host(), POSTGRES.port()), new HostAddress(standby.host(), standby.port()));
        try (StoreFixture fixture = new StoreFixture(POSTGRES, hosts, StoreFixture.settings(StoreFixture.LIMIT))) {
            fixture.write(events.frameBatches(1, 7));
            Await.until(() -> storedAt(standby) == 7);
            standby.kill(); // frozen, it would find the rest in its socket
            fixture.write(events.frameBatches(1, 20));
            fixture.write(events.frameBatches(1, 3));
            POSTGRES.server().kill();
            standby.start();
            standby.promote();
            fixture.write(events.frameBatches(1, 5));
            fixture.write(events.frameBatches(1, 1));
            assertThat(fixture.lost).hasValue(23);
        }
        assertThat(storedAt(standby)).isEqualTo(13);
    }

    /** The database itself comes to the standby a moment after it is made. */
    private static long storedAt(PostgresServer server) {
        try (var connection = server.connect(POSTGRES.database());
                ResultSet result = connection.createStatement().executeQuery("select count(*) from log_event")) {
            result.next();
            return result.getLong(1);
        } catch (SQLException notThereYet) {
            return -1;
        }
    }
}
