package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.store.batch.Batch;
import dev.sluice.store.database.HostAddress;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a server that is up refuses for minutes needs an operator, whatever its code; a server that is away does not.
 */
class StubbornRefusalIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.restorable();

    private final Events events = new Events();

    @BeforeAll
    static void makeARoleThatOwnsNothing() {
        POSTGRES.server().allowRoles();
        POSTGRES.execute("drop view logs cascade"); // as the owner has to before another type
        POSTGRES.execute("create role writer login password 'writer'");
        POSTGRES.execute("grant writer to current_user");
        POSTGRES.execute("grant select, insert, update, delete on all tables in schema public to writer");
    }

    @BeforeEach
    void prepare() {
        StoreFixture.prepare(POSTGRES);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            alter table log_event enable row level security | alter table log_event disable row level security | 0A000
            alter table log_event alter severity type integer | alter table log_event alter severity type smallint | log_event
            alter role writer set default_transaction_read_only = on | alter role writer reset default_transaction_read_only | 25006
            revoke insert on log_event from writer | grant insert on log_event to writer | 42501
            alter role writer connection limit 0 | alter role writer connection limit -1 | 53300
            """)
    void whatTheServerRefusesForMinutesIsToldAndHeals(String breaks, String mends, String cause) {
        try (StoreFixture fixture = fixture()) {
            fixture.write(events.frameBatches(1, 3));
            POSTGRES.execute(breaks);
            reconnect();
            CompletableFuture<List<Batch>> written =
                    fixture.start(events.frameBatches(1, 4)).toFuture();
            Await.until(() -> fixture.retries.size() >= 3);
            fixture.aheadNanos.set(Duration.ofMinutes(3).toNanos());
            Await.until(() -> fixture.store.haltedBy().isPresent());
            assertThat(fixture.store.haltedBy().orElseThrow()).contains(cause);
            assertThat(written).isNotDone();
            POSTGRES.execute(mends);
            written.join();
            assertThat(fixture.store.haltedBy()).isEmpty();
            assertThat(fixture.lost).hasValue(0);
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(7);
        assertThat(POSTGRES.count("dead_letter")).isZero();
    }

    /** The type takes what was there, and INSERT would copy it: what is refused is the form in which COPY sends it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            host type text[] using array[host]         | host type text using host[1]            | 54000
            attributes type json using attributes::json | attributes type jsonb using attributes::jsonb | 22P02
            source type inet using source::inet         | source type text using host(source)      | 22P03
            """)
    void aFormThatAColumnDoesNotTakeIsNoRowsFault(String breaks, String mends, String cause) {
        int rows = 4 * TableProbe.REFUSALS_MAX;
        try (StoreFixture fixture = fixture()) {
            fixture.write(events.frameBatches(1, 3));
            POSTGRES.execute("alter table log_event alter " + breaks);
            CompletableFuture<List<Batch>> written =
                    fixture.start(events.frameBatches(1, rows)).toFuture();
            Await.until(() -> written.isDone() || fixture.store.haltedBy().isPresent());
            assertThat(fixture.store.haltedBy().orElse("ready")).contains("log_event takes no row", cause);
            POSTGRES.execute("alter table log_event alter " + mends);
            written.join();
            assertThat(fixture.deadLetters.get()).isLessThanOrEqualTo(TableProbe.REFUSALS_MAX);
        }
        assertThat(POSTGRES.count("log_event") + POSTGRES.count("dead_letter")).isEqualTo(3L + rows);
    }

    @Test
    void aServerThatIsAwayOrLockedNeedsNoOperator() throws Exception {
        try (StoreFixture fixture = fixture()) {
            fixture.write(events.frameBatches(1, 3));
            POSTGRES.server().stop();
            CompletableFuture<List<Batch>> written =
                    fixture.start(events.frameBatches(1, 4)).toFuture();
            Await.until(() -> fixture.retries.size() >= 3);
            fixture.aheadNanos.set(Duration.ofMinutes(3).toNanos());
            int tries = fixture.retries.size();
            Await.until(() -> fixture.retries.size() >= tries + 2);
            assertThat(fixture.store.haltedBy()).isEmpty();
            POSTGRES.server().start();
            written.join();
            try (var holder = POSTGRES.connect()) {
                holder.setAutoCommit(false);
                holder.createStatement().execute("lock table log_event");
                CompletableFuture<List<Batch>> waiting =
                        fixture.start(events.frameBatches(1, 5)).toFuture();
                Await.until(() -> POSTGRES.count("pg_locks where not granted") > 0);
                fixture.aheadNanos.set(Duration.ofMinutes(6).toNanos());
                assertThat(fixture.store.haltedBy()).isEmpty();
                holder.rollback();
                waiting.join();
            }
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(12);
    }

    private static StoreFixture fixture() {
        return new StoreFixture(StoreFixture.hosts(
                List.of(new HostAddress(POSTGRES.host(), POSTGRES.port())),
                host -> StoreFixture.login(POSTGRES, host).username("writer").password("writer"),
                StoreFixture.PUBLIC));
    }

    private static void reconnect() {
        POSTGRES.rows("select pg_terminate_backend(pid, 10000) from pg_stat_activity where usename = 'writer'");
    }
}
