package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.store.batch.Batch;
import dev.sluice.store.failure.WriteFailureTest;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/**
 * What comes of a code when it is the answer to everything: nothing is acknowledged, an operator is told the code, and
 * all is stored when it is over. {@link RefusedRowIT} has the codes that one row gets, {@link ServersOwnTroubleIT} what
 * the server itself has to say.
 *
 * <p>Of PostgreSQL's list each code is decided for each phase in {@code WriteFailureTest}, and given to one row of a
 * COPY in {@link RefusedRowIT}, which has ten of them for a COMMIT. Here, where all rows get it, there is one of each
 * class, and those that differ from their class: each takes several back-offs, and all of them would take minutes.
 */
class EveryAnswerIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private static final int ROWS = TableProbe.REFUSALS_MAX + 2;

    /** Those whose fate is not that of their class. */
    private static final List<String> SPECIAL =
            List.of("08P01", "22P02", "22P03", "23505", "23514", "25006", "42501", "57014", "57P01", "58030", "XX001");

    private final Events events = new Events();

    @BeforeEach
    void prepare() {
        StoreFixture.prepare(POSTGRES);
        POSTGRES.execute("create table answer (code text)");
        POSTGRES.execute("""
                create function answer() returns trigger language plpgsql as $$ declare said text; begin
                    select code into said from answer;
                    if found then
                        raise exception 'refused' using errcode = said;
                    end if;
                    return new;
                end $$""");
    }

    @AfterEach
    void removeTriggers() {
        POSTGRES.execute("drop function answer() cascade");
        POSTGRES.execute("drop table answer");
    }

    /** A row that the ledger refuses is nobody's fault but the ledger's. */
    @Test
    void theLedgersRefusalIsTriedAgain() throws Exception {
        POSTGRES.execute("create trigger answers before insert on ingest_batch for each row execute function answer()");
        answersEverythingWith(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "trigger answers before insert on log_event",
                "constraint trigger answers after insert on log_event deferrable initially deferred"
            })
    void aTableThatTakesNoRowIsToBlameAndNotItsRows(String trigger) throws Exception {
        POSTGRES.execute("create " + trigger + " for each row execute function answer()");
        answersEverythingWith(TableProbe.REFUSALS_MAX);
    }

    /** One after the other, by one service. */
    private void answersEverythingWith(int lettersMax) throws Exception {
        List<String> codes = ofEachClass();
        try (StoreFixture fixture =
                        new StoreFixture(POSTGRES, POSTGRES.port(), StoreFixture.impatient(), Mono.empty());
                Connection owner = POSTGRES.connect()) {
            for (String code : codes) {
                answersWith(code, lettersMax, fixture, owner);
            }
        }
        assertThat(events.acks).hasValue(codes.size());
        assertThat(POSTGRES.count("log_event") + POSTGRES.count("dead_letter")).isEqualTo((long) ROWS * codes.size());
    }

    private void answersWith(String code, int lettersMax, StoreFixture fixture, Connection owner) throws SQLException {
        int acks = events.acks.get();
        int letters = fixture.deadLetters.get();
        fixture.retries.clear();
        owner.createStatement().execute("insert into answer values ('" + code + "')");
        CompletableFuture<List<Batch>> written =
                fixture.start(events.frameBatches(1, ROWS)).toFuture();
        String fate = fate(code);
        Await.until(() -> written.isDone()
                || fixture.retries.stream().filter(fate::equals).count() > 3);
        fixture.aheadNanos.addAndGet(Duration.ofMinutes(3).toNanos());
        assertThat(fixture.store.haltedBy().orElse("ready")).as(code).contains("[" + code + "]");
        owner.createStatement().execute("truncate answer");
        written.join();
        assertThat(fixture.store.haltedBy()).as(code).isEmpty();
        assertThat(fixture.deadLetters.get() - letters).as(code).isLessThanOrEqualTo(isOfData(code) ? lettersMax : 0);
        assertThat(events.acks.get() - acks).as(code).isEqualTo(1);
    }

    private static String fate(String code) {
        if (code.startsWith("57P0") || code.equals("25006")) {
            return "reconnect";
        }
        if (isOfData(code)) {
            return "halted";
        }
        if (code.equals("XX001") || code.equals("XX002")) {
            return "retry";
        }
        return switch (code.substring(0, 2)) {
            case "08" -> "reconnect";
            case "40", "53", "55", "57", "58" -> "retry";
            case "0A", "28", "3D", "3F", "42" -> "halted";
            default -> "unknown";
        };
    }

    private static boolean isOfData(String code) {
        return List.of("22", "23", "44", "54", "P0").contains(code.substring(0, 2));
    }

    private static List<String> ofEachClass() throws IOException {
        Map<String, String> first = new LinkedHashMap<>();
        WriteFailureTest.codes().forEach(code -> first.putIfAbsent(code.substring(0, 2), code));
        return Stream.concat(first.values().stream(), SPECIAL.stream()).toList();
    }
}
