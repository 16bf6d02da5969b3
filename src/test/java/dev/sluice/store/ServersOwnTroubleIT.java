package dev.sluice.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.store.batch.Batch;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;

/**
 * What the server itself says of a full disk, its memory, its files and the moment, while it takes a row: no row is to
 * blame for that, also when it is always the same one that meets it.
 */
class ServersOwnTroubleIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.restorable();

    private final Events events = new Events();

    /** Statements that a real server fails by itself, so that no routine of a RAISE stands in the answer. */
    private enum Trouble {
        DISK_FULL("53100", "execute 'copy (select 1) to ''/dev/full'''"),
        OUT_OF_SHARED_MEMORY("53200", "for i in 1..1000000 loop perform pg_advisory_xact_lock(i); end loop"),
        TOO_LARGE_A_TEMPORARY_FILE("53400", "perform count(*) from generate_series(1, 200000) g"),
        CANCELLED("57014", "perform pg_cancel_backend(pg_backend_pid()), pg_sleep(5)"),
        READ_ERROR("58030", "execute 'copy read from ''/proc/self/mem'''"),
        MISSING_FILE("58P01", "execute 'copy read from ''/missing'''"),
        DAMAGED_PAGE("XX001", "perform count(*) from damaged"),
        DAMAGED_INDEX("XX002", "perform count(*) from badly_indexed"),
        LOCKED("55P03", "lock table locked in access exclusive mode nowait");

        private final String state;
        private final String statement;

        Trouble(String state, String statement) {
            this.state = state;
            this.statement = statement;
        }
    }

    @BeforeAll
    static void letTriggersUseFiles() throws IOException {
        POSTGRES.server()
                .asSuperuser(
                        POSTGRES.database(),
                        "grant pg_read_server_files, pg_write_server_files, pg_read_all_settings to "
                                + POSTGRES.user());
        POSTGRES.server().set("temp_file_limit", "64kB");
        POSTGRES.server().set("work_mem", "64kB");
        POSTGRES.execute("create table locked ()");
        POSTGRES.execute("create table read (line text)");
        POSTGRES.execute("create table damaged (line text)");
        POSTGRES.execute("create table badly_indexed (line text)");
        POSTGRES.execute("create index bad on badly_indexed (line)");
        write("damaged", (byte) 'x');
        write("bad", (byte) 0);
    }

    /** Writes the first page of a table or an index that nobody has read yet. */
    private static void write(String relation, byte value) throws IOException {
        byte[] page = new byte[8192];
        Arrays.fill(page, value);
        Map<String, Object> file = POSTGRES.rows(
                        "select current_setting('data_directory') || '/' || pg_relation_filepath(?) as path", relation)
                .getFirst();
        Files.write(Path.of((String) file.get("path")), page);
    }

    @BeforeEach
    void prepare() {
        StoreFixture.prepare(POSTGRES);
    }

    @AfterEach
    void removeTriggers() {
        POSTGRES.execute("drop function if exists trouble() cascade");
    }

    @ParameterizedTest
    @EnumSource
    void noRowIsBlamedInTheCopy(Trouble trouble) throws Exception {
        strike(trouble, "trigger strike before insert on log_event");
        storesAllWhenItIsOver(trouble, false);
    }

    @ParameterizedTest
    @EnumSource
    void noRowOfAChunkIsBlamed(Trouble trouble) throws Exception {
        strike(trouble, "trigger strike before insert on log_event");
        storesAllWhenItIsOver(trouble, true);
    }

    @ParameterizedTest
    @EnumSource
    void noRowIsBlamedInTheCommit(Trouble trouble) throws Exception {
        strike(trouble, "constraint trigger strike after insert on log_event deferrable initially deferred");
        storesAllWhenItIsOver(trouble, false);
    }

    /** Only the one row meets it. */
    private static void strike(Trouble trouble, String trigger) {
        POSTGRES.execute("create function trouble() returns trigger language plpgsql as $$ begin " + trouble.statement
                + "; return new; end $$");
        POSTGRES.execute(
                "create " + trigger + " for each row when (new.message = 'struck') execute function trouble()");
    }

    private void storesAllWhenItIsOver(Trouble trouble, boolean chunk) throws Exception {
        events.encoder().begin(events.delivery());
        if (chunk) {
            events.encoder().identity("a".getBytes(UTF_8));
        }
        try (StoreFixture fixture =
                        new StoreFixture(POSTGRES, POSTGRES.port(), StoreFixture.impatient(), Mono.empty());
                var holder = POSTGRES.connect()) {
            holder.setAutoCommit(false);
            holder.createStatement().execute("lock table locked");
            CompletableFuture<List<Batch>> written = fixture.start(List.of(events.fill("a", "b", "struck", "c", "d")))
                    .toFuture();
            Await.until(() -> written.isDone() || fixture.retries.size() >= 8);
            assertThat(written).as("acknowledged").isNotDone();
            assertThat(fixture.retries).containsOnly("retry");
            fixture.aheadNanos.set(Duration.ofMinutes(3).toNanos());
            assertThat(fixture.store.haltedBy().orElse("ready")).contains(trouble.state);
            Await.until(ServersOwnTroubleIT::mend);
            holder.rollback();
            written.join();
            assertThat(fixture.store.haltedBy()).isEmpty();
            assertThat(fixture.refused).hasValue(0);
            assertThat(fixture.resolutions).as("a COMMIT of unknown outcome").isEmpty();
        }
        assertThat(POSTGRES.count("log_event")).isEqualTo(5);
        assertThat(POSTGRES.count("dead_letter")).isZero();
        assertThat(events.acks).hasValue(1);
    }

    /** The owner may meet the same trouble. */
    private static boolean mend() {
        try {
            POSTGRES.execute("drop trigger strike on log_event");
            return true;
        } catch (IllegalStateException refused) {
            return false;
        }
    }
}
