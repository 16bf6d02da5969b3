package dev.sluice.listen.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.Await;
import io.netty.channel.Channel;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class ConnectionSweeperTest {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionSweeperTest.class);

    /** Those that are set and did not run yet. */
    private final Set<Future<?>> timers = ConcurrentHashMap.newKeySet();

    private final AtomicInteger timersMax = new AtomicInteger();
    private final EventLoop loop = new DefaultEventLoop() {
        @Override
        public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
            ScheduledFuture<?> timer = super.schedule(command, delay, unit);
            timers.removeIf(Future::isDone);
            timers.add(timer);
            timersMax.accumulateAndGet(timers.size(), Math::max);
            return timer;
        }
    };
    private final AtomicInteger due = new AtomicInteger();
    private final AtomicLong now = new AtomicLong();
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final ConnectionSweeper rounds =
            new ConnectionSweeper(loop, List.of(Duration.ZERO, Duration.ofMillis(300)), System::nanoTime);

    @AfterEach
    void stop() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void oneTimerLooksAfterAll() throws Exception {
        AtomicInteger ticks = new AtomicInteger();
        List<ConnectionSweeper.Swept> all = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            ConnectionSweeper.Swept one = swept(ticks::incrementAndGet);
            all.add(one);
        }
        onLoop(() -> all.forEach(rounds::add));
        Await.until("each was visited", () -> ticks.get() >= 3 * 10_000);
        assertThat(timersMax.get()).as("and the one that sets it").isLessThanOrEqualTo(2);
        long start = System.nanoTime();
        onLoop(() -> all.forEach(one -> one.onTick(0)));
        LOG.info("10 000 looks take {} us", (System.nanoTime() - start) / 1000);
        onLoop(() -> all.forEach(rounds::remove));
        int last = ticks.get();
        Await.pause(200);
        assertThat(ticks).hasValue(last);
        onLoop(() -> rounds.add(all.getFirst()));
        Await.until("it begins again", () -> ticks.get() > last);
    }

    @Test
    void whatGoesWrongWithOneEndsTheLooksOfNone() throws Exception {
        AtomicInteger ticks = new AtomicInteger();
        onLoop(() -> {
            for (int i = 0; i < 10; i++) {
                rounds.add(swept(() -> {
                    ticks.incrementAndGet();
                    throw new IllegalStateException("this one fails");
                }));
            }
        });
        Await.until("each was visited", () -> ticks.get() >= 3 * 10);
        assertThatThrownBy(channel::checkException).hasMessage("this one fails");
    }

    @Test
    void whatIsDueBeforeTheRoundDoesNotWaitForIt() throws Exception {
        ConnectionSweeper slow = new ConnectionSweeper(loop, List.of(Duration.ofDays(1)), now::get);
        AtomicInteger ticks = new AtomicInteger();
        AtomicLong dueAt = new AtomicLong();
        ConnectionSweeper.Swept one = swept(ticks::incrementAndGet, dueAt);
        onLoop(() -> {
            slow.add(one);
            slow.add(swept(ticks::incrementAndGet));
            dueAt.set(now.get() + Duration.ofMillis(20).toNanos());
            slow.hurry(one);
            now.set(dueAt.get());
        });
        Await.until("it was told", () -> due.get() >= 1);
        assertThat(ticks).as("of the round").hasValue(0);
        onLoop(() -> slow.remove(one));
    }

    private ConnectionSweeper.Swept swept(Runnable tick) {
        return swept(tick, new AtomicLong());
    }

    private ConnectionSweeper.Swept swept(Runnable tick, AtomicLong dueAtNanos) {
        return new ConnectionSweeper.Swept() {
            @Override
            public void onTick(long nowNanos) {
                tick.run();
            }

            @Override
            public void onDue(long nowNanos) {
                due.incrementAndGet();
            }

            @Override
            public long dueIn(long nowNanos) {
                return dueAtNanos.get() == 0 ? Long.MAX_VALUE : dueAtNanos.get() - nowNanos;
            }

            @Override
            public void sweptBy(ConnectionSweeper sweeper) {
                // it is told by the test
            }

            @Override
            public Channel channel() {
                return channel;
            }
        };
    }

    private void onLoop(Runnable task) throws Exception {
        Callable<Void> call = () -> {
            task.run();
            return null;
        };
        loop.submit(call).get();
    }
}
