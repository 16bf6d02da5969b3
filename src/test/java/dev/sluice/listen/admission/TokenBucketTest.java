package dev.sluice.listen.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.budget.ReadAllowance;
import io.netty.channel.DefaultEventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Time is a number here, and the timer runs when a test says so. */
class TokenBucketTest {

    private static final int RATE = 100_000;

    private final List<Runnable> timers = new ArrayList<>();
    private final List<Long> delays = new ArrayList<>();
    private final ScheduledExecutorService executor = new DefaultEventLoop() {
        @Override
        public io.netty.util.concurrent.ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
            timers.add(task);
            delays.add(unit.toMillis(delay));
            return null;
        }
    };
    private long nanos;
    private final TokenBucket rate = new TokenBucket(RATE, () -> nanos);
    private final List<String> woken = new ArrayList<>();

    @AfterEach
    void stop() {
        executor.shutdown();
    }

    @Test
    void aSecondsWorthMayComeAtOnce() {
        rate.take(RATE - 1);
        assertThat(rate.mustWait()).isFalse();
        rate.take(1);
        assertThat(rate.mustWait()).isTrue();
        assertThat(rate.isUnused()).isFalse();
    }

    @Test
    void theBucketFillsWithTimeAndNoFurther() {
        rate.take(2 * RATE);
        after(1000);
        assertThat(rate.mustWait()).isTrue();
        after(10);
        assertThat(rate.mustWait()).isFalse();
        after(60_000);
        assertThat(rate.isUnused()).isTrue();
        rate.take(RATE);
        assertThat(rate.mustWait()).isTrue();
    }

    @Test
    void whoWaitsIsWokenInOrderAndOnlyAsManyAsThereIsRoomFor() {
        rate.take(RATE);
        for (String name : List.of("a", "b", "c", "d")) {
            rate.await(() -> woken.add(name), executor);
        }
        assertThat(timers).as("one timer, however many wait").hasSize(1);
        after(150);
        fire();
        assertThat(woken).containsExactly("a", "b");
        assertThat(rate.mustWait()).as("nobody overtakes").isTrue();
        rate.take(15_000);
        after(100);
        fire();
        assertThat(woken).containsExactly("a", "b", "c");
    }

    @Test
    void theTimerComesWhenThereIsRoomAgain() {
        rate.take(4 * RATE);
        rate.await(() -> woken.add("a"), executor);
        assertThat(delays).containsExactly(3000L);
    }

    @Test
    void whoWaitsForLittleIsStillNotWokenForEveryEvent() {
        rate.take(RATE);
        rate.await(() -> woken.add("a"), executor);
        assertThat(delays).containsExactly(50L);
    }

    @Test
    void whoLeftIsNotWoken() {
        rate.take(RATE);
        TokenBucket.Waiter gone = () -> woken.add("gone");
        rate.await(gone, executor);
        rate.forget(gone);
        after(1000);
        fire();
        assertThat(woken).isEmpty();
        assertThat(timers).isEmpty();
    }

    @Test
    void aReadTakesATenthOfASecondButNeitherCrumbsNorMoreThanABuffer() {
        assertThat(rate.readBytesMax()).isEqualTo(RATE / 10);
        assertThat(new TokenBucket(1024, () -> nanos).readBytesMax()).isEqualTo(MemoryBudget.UNRESERVED_READ_BYTES);
        assertThat(new TokenBucket(1 << 30, () -> nanos).readBytesMax()).isEqualTo(ReadAllowance.READ_BYTES);
    }

    private void after(long millis) {
        nanos += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private void fire() {
        List.copyOf(timers).forEach(timer -> {
            timers.remove(timer);
            timer.run();
        });
    }
}
