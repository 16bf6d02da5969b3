package dev.sluice.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.PostgresExtension;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Mono;

/** What it costs to store a chunk of which rows are refused. */
class SavepointCopyIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private static final int ROWS = 512;

    /** For the connection, the first try, and questions to the table. */
    private static final int ONCE = 60;

    private final Events events = new Events();

    @BeforeEach
    void prepare() {
        StoreFixture.prepare(POSTGRES);
        POSTGRES.execute("alter table log_event add constraint poison check (message not like 'poison %') not valid");
    }

    @AfterEach
    void acceptEverything() {
        POSTGRES.execute("alter table log_event drop constraint poison");
    }

    @Test
    void aChunkThatIsRefusedWholeGoesRowByRow() throws Exception {
        assertThat(roundTrips(row -> true)).isLessThan(2 * ROWS + ROWS / 4 + ONCE);
    }

    @Test
    void badRowsAmongGoodOnesCostNoMore() throws Exception {
        assertThat(roundTrips(row -> row % 2 == 1)).isLessThan(3 * ROWS + ROWS / 4 + ONCE);
    }

    @Test
    void aFewBadRowsCostLittle() throws Exception {
        assertThat(roundTrips(row -> row == 300)).isLessThan(2 * 2 * 10 + ONCE);
    }

    private int roundTrips(IntPredicate bad) throws Exception {
        String[] messages = IntStream.range(0, ROWS)
                .mapToObj(row -> (bad.test(row) ? "poison " : "event ") + row)
                .toArray(String[]::new);
        events.encoder().begin(events.delivery());
        events.encoder().identity("a".getBytes(UTF_8));
        try (CuttingProxy proxy =
                        new CuttingProxy(POSTGRES.host(), POSTGRES.port(), CuttingProxy.Cut.BEFORE_COMMIT, 0);
                StoreFixture fixture = new StoreFixture(
                        POSTGRES, proxy.port(), StoreFixture.settings(StoreFixture.LIMIT), Mono.empty())) {
            fixture.write(List.of(events.fill(messages)));
            int count = (int) IntStream.range(0, ROWS).filter(bad).count();
            assertThat(fixture.deadLetters).hasValue(count);
            assertThat(POSTGRES.count("dead_letter")).isEqualTo(count);
            assertThat(POSTGRES.count("log_event")).isEqualTo(ROWS - count);
            return proxy.roundTrips.get();
        }
    }
}
