package dev.sluice.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ClockStepsTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private Instant wall = Instant.parse("2026-11-27T12:00:00Z");
    private long nanos = Long.MAX_VALUE - 5; // it may overflow at any time
    private Duration pauseInReading = Duration.ZERO;
    private final ClockSteps steps = new ClockSteps(registry, () -> wall, this::readNanos);

    private long readNanos() {
        long now = nanos;
        nanos += pauseInReading.toNanos();
        wall = wall.plus(pauseInReading);
        return now;
    }

    @Test
    void timeThatPassesIsNoStep() {
        steps.look();
        pass(Duration.ofSeconds(1));
        pass(Duration.ofMinutes(10)); // the process stood still

        assertThat(count("forward")).isZero();
        assertThat(count("backward")).isZero();
    }

    @Test
    void clockThatIsSetIsCountedOnceInItsDirection() {
        steps.look();
        wall = wall.plus(Duration.ofDays(40));
        pass(Duration.ofSeconds(1));
        pass(Duration.ofSeconds(1));
        wall = wall.minus(Duration.ofDays(40));
        pass(Duration.ofSeconds(1));
        pass(Duration.ofSeconds(1));

        assertThat(count("forward")).isEqualTo(1);
        assertThat(count("backward")).isEqualTo(1);
    }

    @Test
    void pauseBetweenTheTwoClocksIsNoStep() {
        steps.look();
        pauseInReading = Duration.ofSeconds(3);
        steps.look();
        pauseInReading = Duration.ZERO;
        steps.look();

        assertThat(count("forward")).isZero();
        assertThat(count("backward")).isZero();
    }

    private void pass(Duration time) {
        wall = wall.plus(time);
        nanos += time.toNanos();
        steps.look();
    }

    private double count(String direction) {
        return registry.counter("sluice.clock.steps", "direction", direction).count();
    }
}
