package dev.sluice.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Status;

class HeartbeatTest {

    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final Heartbeat heartbeat = new Heartbeat(Map.of("well", Runnable::run, "slow", tasks::add));

    @Test
    void whoTakesItsTaskInTimeIsWell() {
        for (int i = 0; i < 10; i++) {
            turn(Heartbeat.TURNS_MAX);
            tasks.remove().run();
        }
        assertThat(heartbeat.stuck()).isEmpty();
    }

    @Test
    void whoTakesNoneForManyTurnsIsStuckUntilItDoes() {
        turn(Heartbeat.TURNS_MAX + 1);
        assertThat(heartbeat.stuck()).containsExactly("slow");
        tasks.remove().run();
        turn(1);
        assertThat(heartbeat.stuck()).isEmpty();
    }

    @Test
    void noMoreThanOneTaskWaits() {
        turn(100);
        assertThat(tasks).hasSize(1);
    }

    @Test
    void whoRefusesTasksIsStuck() {
        Heartbeat ended = new Heartbeat(Map.of("ended", task -> {
            throw new RejectedExecutionException();
        }));
        for (int i = 0; i <= Heartbeat.TURNS_MAX; i++) {
            ended.turn();
        }
        assertThat(ended.stuck()).containsExactly("ended");
    }

    @Test
    void healthNamesThem() {
        ThreadsHealthIndicator health = new ThreadsHealthIndicator(heartbeat::stuck);
        assertThat(health.health().getStatus()).isEqualTo(Status.UP);
        turn(Heartbeat.TURNS_MAX + 1);
        assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);
        assertThat(health.health().getDetails()).hasToString("{stuck=[slow]}");
    }

    private void turn(int times) {
        for (int i = 0; i < times; i++) {
            heartbeat.turn();
        }
    }
}
