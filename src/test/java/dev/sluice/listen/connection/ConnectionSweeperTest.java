package dev.sluice.listen.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testing.Await;
import io.netty.channel.Channel;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class ConnectionSweeperTest {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionSweeperTest.class);

    private final AtomicInteger timers = new AtomicInteger();
    private final EventLoop loop = new DefaultEventLoop() {
        @Override
        public io.netty.util.concurrent.ScheduledFuture<?> scheduleWithFixedDelay(
                Runnable command, long initialDelay, long delay, java.util.concurrent.TimeUnit unit) {
            timers.incrementAndGet();
            return super.scheduleWithFixedDelay(command, initialDelay, delay, unit);
        }
    };
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final ConnectionSweeper rounds =
            new ConnectionSweeper(loop, List.of(Duration.ZERO, Duration.ofMillis(300)), System::nanoTime);

    @AfterEach
    void stop() {
        loop.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS).syncUninterruptibly();
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
        assertThat(timers).hasValue(1);
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

    private ConnectionSweeper.Swept swept(Runnable tick) {
        return new ConnectionSweeper.Swept() {
            @Override
            public void onTick(long nowNanos) {
                tick.run();
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
