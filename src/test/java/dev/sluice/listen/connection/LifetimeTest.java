package dev.sluice.listen.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.RuleSet;
import dev.sluice.listen.CountingObserver;
import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.budget.ReadAllowance;
import dev.sluice.listen.intake.FrameAssembler;
import dev.sluice.listen.intake.FrameSink;
import dev.sluice.listen.intake.FramedRead;
import dev.sluice.listen.intake.Intake;
import dev.sluice.listen.intake.Lines;
import dev.sluice.listen.report.ListenObserver;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.listen.report.StrayClients;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LifetimeTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final MemoryBudget budget = new MemoryBudget(1 << 20);
    private final ListenerContext context = new ListenerContext(
            "main",
            Lines.FRAMING,
            budget,
            new Intake(budget, () -> RuleSet.NONE, ArrayPool.none()),
            new CountingObserver(),
            new StrayClients("main", System::nanoTime),
            Limits.Times.UNLIMITED);
    private final ShipperConnection connection =
            new ShipperConnection(context, channel, new Shipper("10.0.0.1", null), () -> {});
    private final FrameAssembler frames =
            new FrameAssembler(Lines.FRAMING, Origin.of("main", "10.0.0.1", Protocol.SYSLOG), new NoSink());
    private final ReadState reading = new ReadState(
            context,
            frames,
            new Replies(
                    channel,
                    context.observer(),
                    connection,
                    new ReadAllowance(context.budget(), context.budget().join("10.0.0.1"))));

    /** When this connection began. */
    private final long begin = System.nanoTime();

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void withoutLimitsItIsNeverOver() {
        Lifetime lifetime = new Lifetime(Limits.Times.UNLIMITED, begin, 0);
        assertThat(lifetime.over(begin + 1_000_000 * SECOND, reading, true)).isNull();
    }

    @Test
    void itsAgeIsDrawnFromTheLastFifthOfTheLimit() {
        assertThat(ageReached(0, 79)).isFalse();
        assertThat(ageReached(0, 80)).isTrue();
        assertThat(ageReached(0.5, 89)).isFalse();
        assertThat(ageReached(0.5, 91)).isTrue();
        assertThat(ageReached(1, 99)).isFalse();
        assertThat(ageReached(1, 100)).isTrue();
    }

    private boolean ageReached(double lot, int seconds) {
        Limits.Times times = new Limits.Times(Duration.ZERO, Duration.ZERO, Duration.ofSeconds(100));
        Lifetime lifetime = new Lifetime(times, begin, lot);
        return lifetime.over(begin + seconds * SECOND, reading, true) == CloseReason.MAX_AGE;
    }

    @Test
    void theFirstByteIsWaitedForOnlyUntilItCame() {
        Lifetime lifetime =
                new Lifetime(new Limits.Times(Duration.ofSeconds(5), Duration.ZERO, Duration.ZERO), begin, 0);
        assertThat(lifetime.over(begin + 4 * SECOND, reading, true)).isNull();
        assertThat(lifetime.over(begin + 5 * SECOND, reading, true)).isEqualTo(CloseReason.FIRST_BYTE_TIMEOUT);
        reading.read(1, begin + 4 * SECOND);
        assertThat(lifetime.over(begin + 5000 * SECOND, reading, true)).isNull();
    }

    @Test
    void itIsIdleWhenItMayReadAndNothingComesAndNothingIsDue() {
        Lifetime lifetime =
                new Lifetime(new Limits.Times(Duration.ZERO, Duration.ofSeconds(5), Duration.ZERO), begin, 0);
        reading.read(1, begin + 10 * SECOND);
        assertThat(lifetime.over(begin + 14 * SECOND, reading, true)).isNull();
        assertThat(lifetime.over(begin + 16 * SECOND, reading, false))
                .as("something is due")
                .isNull();
        assertThat(lifetime.over(begin + 16 * SECOND, reading, true)).isEqualTo(CloseReason.IDLE_TIMEOUT);
        reading.pause(ListenObserver.Wait.BUDGET);
        assertThat(lifetime.over(begin + 16 * SECOND, reading, true))
                .as("it is kept from sending")
                .isNull();
    }

    private static final class NoSink implements FrameSink {
        @Override
        public void deliver(FramedRead read, Origin origin, long readNanos, long receivedAtMicros) {
            throw new IllegalStateException();
        }

        @Override
        public void reply(Protocol protocol, dev.sluice.event.Reply reply) {
            throw new IllegalStateException();
        }

        @Override
        public void discarded(Origin origin, ListenObserver.Discard why, int bytes) {}

        @Override
        public boolean hasRoom(int bytes) {
            return true;
        }
    }
}
