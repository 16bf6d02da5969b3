package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Rows;
import dev.sluice.store.batch.Batch;
import dev.sluice.store.database.HostAddress;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/** A primary that hangs, a standby that takes its place, and the old one that comes back as if nothing had happened. */
class PromotionIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.replicated();

    private final Events events = new Events();

    /** With a synchronous standby what was acknowledged is on both; the rest is sent again, and stored once. */
    @Test
    void aHungPrimaryIsLeftForThePromotedStandbyAndNeverWrittenToAgain() throws Exception {
        StoreFixture.prepare(POSTGRES);
        Await.until(PromotionIT::hasTheStandbyTheTables);
        Sinks.Many<Rows> rows = Sinks.many().unicast().onBackpressureBuffer();
        Duration deadline = Duration.ofMinutes(5); // what moves the lanes is not the deadline
        List<HostAddress> hosts =
                List.of(at(POSTGRES.port()), at(POSTGRES.standby().port()));
        try (StoreFixture fixture = new StoreFixture(POSTGRES, hosts, StoreFixture.settings(deadline))) {
            Disposable watch = fixture.store.watchPrimary().subscribe();
            Disposable writing = write(fixture, rows.asFlux());
            send(rows, 10);
            Await.until(() -> events.acks.get() == 10);
            long replicated = count(POSTGRES.port(), "log_event");
            Await.until(() -> count(POSTGRES.standby().port(), "log_event") == replicated);
            POSTGRES.server().freeze();
            send(rows, 10);
            POSTGRES.standby().promote();
            Await.until(() -> events.acks.get() == 20);
            assertThat(fixture.retries).isNotEmpty().containsOnly("reconnect");
            POSTGRES.server().thaw();
            POSTGRES.server().awaitReady(StoreFixture.LIMIT);
            send(rows, 10);
            Await.until(() -> events.acks.get() == 30);
            rows.tryEmitComplete();
            writing.dispose();
            watch.dispose();
        }
        assertThat(count(POSTGRES.standby().port(), "log_event")).isEqualTo(3_000);
        assertThat(count(POSTGRES.standby().port(), "(select distinct message from log_event)"))
                .isEqualTo(3_000);
        assertThat(count(POSTGRES.port(), "log_event")).isLessThanOrEqualTo(2_000);
    }

    /** The database itself comes to the standby a moment after it is made. */
    private static boolean hasTheStandbyTheTables() {
        try {
            return count(POSTGRES.standby().port(), "pg_class where relname = 'log_event_ever'") == 1;
        } catch (IllegalStateException notThereYet) {
            return false;
        }
    }

    private static Disposable write(StoreFixture fixture, Flux<Rows> rows) {
        return fixture.store.write(rows, () -> {}).doOnNext(Batch::acknowledge).subscribe();
    }

    private void send(Sinks.Many<Rows> rows, int frameBatches) {
        events.frameBatches(frameBatches, 100)
                .forEach(frameBatch -> rows.tryEmitNext(frameBatch).orThrow());
    }

    private static HostAddress at(int port) {
        return new HostAddress("127.0.0.1", port);
    }

    private static long count(int port, String from) {
        var server = port == POSTGRES.port() ? POSTGRES.server() : POSTGRES.standby();
        try (var connection = server.connect(POSTGRES.database());
                ResultSet result = connection
                        .createStatement()
                        .executeQuery("select count(*) from " + from + (from.startsWith("(") ? " as x" : ""))) {
            result.next();
            return result.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
