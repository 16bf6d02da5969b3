package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.RowEncoder;
import dev.sluice.event.RowGrowth;
import dev.sluice.event.RuleSet;
import dev.sluice.protocol.Protocols;
import dev.sluice.replay.Replay;
import dev.sluice.replay.ReplayReport;
import dev.sluice.replay.ReplayRequest;
import dev.sluice.store.database.HostAddress;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.netty.resources.LoopResources;

/** A replay that loses its connection stores each dead letter once, and says so of each. */
class ReplayLossIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private static final int LETTERS = 1200;
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final LoopResources loops = LoopResources.create("replay-test", 1, 1, true, false);

    @BeforeEach
    void letters() {
        POSTGRES.execute("truncate log_event, dead_letter, ingest_batch");
        POSTGRES.execute("create table if not exists replayed_day partition of log_event"
                + " for values from ('2026-11-01') to ('2026-11-02')");
        POSTGRES.execute("insert into dead_letter (received_at, source, listener, protocol, reason, payload)"
                + " select timestamptz '2026-11-01 10:00Z', 'a', 'main', 'json', 'malformed_json',"
                + " convert_to('{\"message\":\"number ' || i || '\"}', 'UTF8') from generate_series(1, " + LETTERS
                + ") i");
    }

    @AfterEach
    void end() {
        loops.dispose();
    }

    @ParameterizedTest
    @EnumSource(CuttingProxy.Cut.class)
    void aCommitWhoseOutcomeIsUnknownIsLookedUp(CuttingProxy.Cut cut) throws IOException {
        try (CuttingProxy proxy = new CuttingProxy(POSTGRES.host(), POSTGRES.port(), cut, 2)) {
            ReplayReport report = replay(proxy.port(), LIMIT, RuleSet.NONE).join();
            assertThat(proxy.cuts).hasValue(2);
            assertStoredOnce(report);
        }
    }

    /** The server still holds the letters for the transaction that was given up: they must not be passed over. */
    @Test
    void whatALostTransactionHoldsIsWaitedFor() throws IOException {
        try (StallingProxy proxy = new StallingProxy(POSTGRES.host(), POSTGRES.port())) {
            CompletableFuture<ReplayReport> run = replay(proxy.port(), Duration.ofSeconds(2), new Once(proxy::stall));
            Await.until(
                    "the next connection waits for the lost one",
                    LIMIT,
                    () -> POSTGRES.count("pg_stat_activity where wait_event_type = 'Lock'") == 1);
            proxy.letGo();
            assertStoredOnce(run.join());
        }
    }

    private static void assertStoredOnce(ReplayReport report) {
        assertThat(report.count(ReplayOutcome.STORED)).isEqualTo(LETTERS);
        assertThat(report.staying()).isZero();
        assertThat(POSTGRES.count("dead_letter")).isZero();
        assertThat(POSTGRES.rows("select count(*) as n, count(distinct message) as different from log_event"))
                .containsExactly(Map.of("n", (long) LETTERS, "different", (long) LETTERS));
    }

    private CompletableFuture<ReplayReport> replay(int port, Duration deadline, RuleSet rules) {
        ReplayStore store = new ReplayStore(
                StoreFixture.hosts(POSTGRES, List.of(new HostAddress(POSTGRES.host(), port))),
                loops,
                StoreFixture.settings(deadline),
                ReplayMemory.ALL);
        Protocols protocols = new Protocols(ZoneOffset.UTC, 8);
        Replay replay = new Replay(store, protocols, () -> rules, listener -> 8192, applied -> {});
        return replay.run(ReplayRequest.of(Map.of()), true, () -> false).toFuture();
    }

    /** No rules, asked for the first time when the letters of the first batch are locked and read. */
    private static final class Once implements RuleSet {

        private final Runnable first;
        private final AtomicBoolean wasAsked = new AtomicBoolean();

        Once(Runnable first) {
            this.first = first;
        }

        @Override
        public RowGrowth growth() {
            if (wasAsked.compareAndSet(false, true)) {
                first.run();
            }
            return RowGrowth.NONE;
        }

        @Override
        public RowEncoder before(RowEncoder encoder) {
            return encoder;
        }
    }
}
