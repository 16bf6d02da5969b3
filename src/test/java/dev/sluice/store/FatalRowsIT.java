package dev.sluice.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Rows;
import dev.sluice.store.batch.Batch;
import dev.sluice.testing.Await;
import dev.sluice.testing.BesideOthers;
import dev.sluice.testing.PostgresExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** Rows that end the session or keep it busy for ever; and what ends sessions without a row that is to blame. */
@BesideOthers
class FatalRowsIT {

    private static final int GOOD = 50;

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.restorable();

    private final Events events = new Events();

    @BeforeAll
    static void letTriggersCrash() {
        POSTGRES.server().asSuperuser(POSTGRES.database(), "grant pg_execute_server_program to " + POSTGRES.user());
    }

    @BeforeEach
    void prepare() {
        StoreFixture.prepare(POSTGRES);
        POSTGRES.execute("create or replace function act() returns trigger language plpgsql as $$ begin"
                + " if new.message like 'terminate%' then perform pg_terminate_backend(pg_backend_pid());"
                + " elsif new.message like 'crash%' then"
                + " execute format('copy (select) to program %L', 'kill -SEGV ' || pg_backend_pid());"
                + " elsif new.message like 'sleep%' then perform pg_sleep(600);"
                + " elsif new.message like 'refuse%' then raise 'no';"
                + " elsif new.message like 'not now%' then raise 'no' using errcode = '40001';"
                + " elsif new.message like 'held%' then"
                + " while not exists (select from gate) loop perform pg_sleep(0.05); end loop;"
                + " end if; return new; end $$");
        POSTGRES.execute("drop table if exists gate");
        POSTGRES.execute("create table gate (open boolean)");
        POSTGRES.execute("create trigger fatal before insert on log_event for each row execute function act()");
    }

    @AfterEach
    void removeTheTrigger() {
        POSTGRES.execute("drop trigger if exists fatal on log_event");
    }

    @ParameterizedTest
    @CsvSource({"terminate, false, 57P01", "terminate, true, 57P01", "sleep, true, statement timeout"})
    void aRowThatEndsTheSessionBecomesADeadLetterAndItsNeighboursAreStored(String act, boolean chunk, String reason) {
        Rows rows = rows(chunk, Stream.of("a", act + " 1", "refuse", "b", act + " 2", "c"));
        try (StoreFixture fixture = fixture(Duration.ofSeconds(2))) {
            fixture.start(List.of(rows)).block(StoreFixture.LIMIT);
            assertThat(fixture.store.haltedBy()).isEmpty();
            assertThat(fixture.deadLetters).hasValue(3);
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(3 + GOOD);
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(3);
        assertThat(POSTGRES.count(
                        "dead_letter where reason = 'refused_row' and detail like 'Each time%" + reason + "%'"))
                .isEqualTo(2);
        assertThat(POSTGRES.count("ingest_delivery")).isEqualTo(chunk ? 1 : 0);
        assertThat(events.acks).hasValue(1);
    }

    @Test
    void aBatchOfNothingElseIsStoredToo() {
        try (StoreFixture fixture = fixture(Duration.ofSeconds(20))) {
            fixture.start(List.of(events.frameBatchOf("terminate"))).block(StoreFixture.LIMIT);
        }
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(1);
        assertThat(POSTGRES.count("log_event")).isZero();
    }

    /** It was stored with its delivery, as a dead letter: it is not a row that the table took when that comes again. */
    @Test
    void aRowThatEndsTheSessionIsNotTakenForAGoodOneWhenItsDeliveryComesAgain() {
        try (StoreFixture fixture = fixture(Duration.ofSeconds(20))) {
            for (int time = 0; time < 2; time++) {
                fixture.start(List.of(rows(true, Stream.of("terminate", "a")))).block(StoreFixture.LIMIT);
            }
            fixture.start(List.of(events.frameBatchOf("not now"))).block(StoreFixture.LIMIT);
        }
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(2);
        assertThat(POSTGRES.count("log_event")).isEqualTo(1 + GOOD);
    }

    /** The row by which the table is judged. */
    @Test
    void aGoodRowThatEndsTheSessionAfterTheTriggerWasChangedHoldsUpNothing() {
        try (StoreFixture fixture = fixture(Duration.ofSeconds(20))) {
            fixture.start(List.of(events.frameBatchOf("once good"))).block(StoreFixture.LIMIT);
            POSTGRES.execute("create or replace function act() returns trigger language plpgsql as $$ begin"
                    + " if new.message like 'once%' then perform pg_terminate_backend(pg_backend_pid());"
                    + " elsif new.message like 'not now%' then raise 'no' using errcode = '40001';"
                    + " end if; return new; end $$");
            fixture.start(List.of(events.frameBatchOf("not now"))).block(StoreFixture.LIMIT);
        }
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(1);
        assertThat(POSTGRES.count("log_event")).isEqualTo(1);
    }

    /** The server recovers each time, is the same one by its start time, and refuses connections meanwhile. */
    @Test
    void aRowThatCrashesItsBackendBecomesADeadLetter() {
        begin(true);
        try (StoreFixture fixture =
                new StoreFixture(POSTGRES, POSTGRES.port(), StoreFixture.impatient(), Mono.empty())) {
            fixture.start(List.of(events.fill("a", "crash", "b"))).block(StoreFixture.LIMIT);
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(2);
        assertThat(POSTGRES.count("dead_letter")).isEqualTo(1);
    }

    /**
     * One row alone that takes long is the worst: each kill meets it, and the table takes all others. Three sessions
     * that an operator ended have it looked for, so that each kill comes in the trial of it.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aServerThatIsKilledAgainAndAgainBlamesNobody(boolean chunk) throws Exception {
        try (StoreFixture fixture = fixture(StoreFixture.LIMIT)) {
            fixture.write(events.frameBatches(1, 5));
            begin(chunk);
            CompletableFuture<List<Batch>> written =
                    fixture.start(List.of(events.fill("held"))).toFuture();
            haveItLookedFor();
            for (int kill = 0; kill < FatalRows.LOSSES_MIN; kill++) {
                held();
                POSTGRES.server().kill();
                POSTGRES.server().start();
            }
            POSTGRES.execute("insert into gate values (true)");
            written.join();
            assertThat(fixture.deadLetters).hasValue(0);
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(6);
        assertThat(POSTGRES.count("dead_letter")).isZero();
    }

    @Test
    void readinessSaysAfterMinutesThatARowIsLookedForAndNothingOfItOnceItIsStored() {
        try (StoreFixture fixture = fixture(StoreFixture.LIMIT)) {
            CompletableFuture<List<Batch>> written =
                    fixture.start(List.of(events.frameBatchOf("held"))).toFuture();
            haveItLookedFor();
            held();
            assertThat(fixture.store.haltedBy()).as("at first").isEmpty();
            fixture.aheadNanos.set(Duration.ofMinutes(3).toNanos());
            assertThat(fixture.store.haltedBy().orElse("ready"))
                    .contains("nothing was stored for 2 minutes", "one is looked for that is to blame", "57P01");
            POSTGRES.execute("insert into gate values (true)");
            written.join();
            assertThat(fixture.store.haltedBy()).isEmpty();
        }
        assertThat(POSTGRES.count("dead_letter")).isZero();
    }

    /** Ends the sessions that the row holds, as often as it takes. */
    private static void haveItLookedFor() {
        for (int loss = 0; loss < FatalRows.LOSSES_MIN; loss++) {
            Object held = held();
            POSTGRES.rows("select pg_terminate_backend(?)", held);
            Await.until(() -> POSTGRES.count("pg_stat_activity where pid = " + held) == 0);
        }
    }

    /** Waits for the session that the row holds, and tells which one it is. */
    private static Object held() {
        AtomicReference<Object> pid = new AtomicReference<>();
        Await.until(() -> {
            POSTGRES.rows("select pid from pg_stat_activity where wait_event = 'PgSleep'")
                    .forEach(row -> pid.set(row.get("pid")));
            return pid.get() != null;
        });
        return pid.get();
    }

    @ParameterizedTest
    @ValueSource(strings = {"pg_terminate_backend", "pg_cancel_backend"})
    void anOperatorWhoEndsWhatWaitsForALockBlamesNobody(String end) throws Exception {
        CompletableFuture<List<Batch>> written;
        try (StoreFixture fixture = fixture(Duration.ofSeconds(20))) {
            try (var holder = POSTGRES.connect()) {
                holder.setAutoCommit(false);
                holder.createStatement().execute("lock table log_event");
                written = fixture.start(List.of(events.frameBatchOf("good"))).toFuture();
                for (int kill = 0; kill < 10; kill++) {
                    Await.until(() -> POSTGRES.count("pg_locks where not granted") > 0);
                    POSTGRES.rows("select " + end + "(pid) from pg_locks where not granted");
                }
                holder.rollback();
            }
            written.join();
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(1);
        assertThat(POSTGRES.count("dead_letter")).isZero();
    }

    private static StoreFixture fixture(Duration deadline) {
        return new StoreFixture(POSTGRES, POSTGRES.port(), StoreFixture.settings(deadline), Mono.empty());
    }

    private Rows rows(boolean chunk, Stream<String> first) {
        begin(chunk);
        return events.fill(Stream.concat(first, IntStream.range(0, GOOD).mapToObj(i -> "good " + i))
                .toArray(String[]::new));
    }

    private void begin(boolean chunk) {
        events.encoder().begin(events.delivery());
        if (chunk) {
            events.encoder().identity("a".getBytes(UTF_8));
        }
    }
}
