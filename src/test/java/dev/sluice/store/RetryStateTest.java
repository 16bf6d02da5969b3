package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.store.batch.WriteUnit;
import dev.sluice.store.database.HostAddress;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RetryStateTest {

    private static final HostAddress HOST = new HostAddress("db", 5432);
    private static final ServerRun FIRST = new ServerRun(HOST, "1795478400.1");
    private static final ServerRun RESTARTED = new ServerRun(HOST, "1795478401.2");

    private final RetryState state = new RetryState(new WriteUnit(new UUID(0, 1), List.of(), List.of()), null);

    @Test
    void aSessionIsLostAgainWhenItWasTheSameServerEachTime() {
        assertThat(state.isLostAgain(FIRST)).isFalse();
        assertThat(state.isLostAgain(FIRST)).isFalse();
        assertThat(state.isLostAgain(FIRST)).isTrue();
    }

    @Test
    void aServerThatWasStartedAnewOrIsAnotherOneCountsFromOne() {
        for (int i = 0; i < 3; i++) {
            assertThat(state.isLostAgain(FIRST)).isFalse();
            assertThat(state.isLostAgain(FIRST)).isFalse();
            assertThat(state.isLostAgain(RESTARTED)).isFalse();
            assertThat(state.isLostAgain(RESTARTED)).isFalse();
            assertThat(state.isLostAgain(new ServerRun(new HostAddress("other", 5432), RESTARTED.startedAt())))
                    .isFalse();
        }
    }

    @Test
    void aServerThatNobodyKnowsCountsForNothing() {
        for (int i = 0; i < 9; i++) {
            assertThat(state.isLostAgain(null)).isFalse();
        }
    }

    @Test
    void afterASearchItCountsFromOne() {
        state.isLostAgain(FIRST);
        state.isLostAgain(FIRST);
        state.search(null);
        assertThat(state.isLostAgain(FIRST)).isFalse();
    }
}
