package dev.sluice.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ThrottledSourcesTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private long now = Long.MAX_VALUE - TimeUnit.MINUTES.toNanos(1); // it wraps around, as the clock may
    private final ThrottledSources sources = new ThrottledSources(registry, () -> now);

    @Test
    void aSourceKeepsItsSeries() {
        waits("192.0.2.1", 1.5);
        waits("192.0.2.1", 2);

        assertThat(seconds("192.0.2.1")).isEqualTo(3.5);
    }

    @Test
    void whoStillWaitsIsCounted() {
        WaitingTime first = sources.begin("192.0.2.1");
        pass(2);
        WaitingTime second = sources.begin("192.0.2.1");
        pass(3);

        assertThat(seconds("192.0.2.1")).isEqualTo(8);
        first.end();
        pass(100);
        assertThat(seconds("192.0.2.1")).isEqualTo(108);
        second.end();
        pass(100);
        assertThat(seconds("192.0.2.1")).isEqualTo(108);
    }

    /** A certificate may give itself this name. */
    @Test
    void aSourceThatIsCalledLikeTheRestBelongsToIt() {
        waits(ThrottledSources.OTHER, 2);

        assertThat(seconds(ThrottledSources.OTHER)).isEqualTo(2);
        assertThat(registry.getMeters()).hasSize(1);
    }

    @Test
    void elevenDaysOfTenThousandAreNotTooLong() {
        IntStream.range(0, 10_000).forEach(i -> sources.begin("192.0.2.1"));
        pass(TimeUnit.DAYS.toSeconds(11));

        assertThat(seconds("192.0.2.1")).isEqualTo(10_000.0 * TimeUnit.DAYS.toSeconds(11));
    }

    @Test
    void tenThousandSourcesAreAHundredSeriesAndTheRest() {
        tenThousandWait();

        assertThat(registry.getMeters()).hasSize(ThrottledSources.SOURCES_MAX + 1);
        assertThat(seconds("source-99")).isEqualTo(1);
        assertThat(seconds(ThrottledSources.OTHER)).isEqualTo(9_900);
    }

    @Test
    void whoHasNotWaitedForAnHourMakesRoom() {
        tenThousandWait();
        WaitingTime stillWaits = sources.begin("source-0");
        WaitingTime stranger = sources.begin("stranger");
        pass(TimeUnit.NANOSECONDS.toSeconds(ThrottledSources.KEPT_NANOS));
        waits("source-1", 1);
        waits("new", 7);
        stranger.end();

        assertThat(registry.getMeters()).hasSize(4);
        assertThat(seconds("source-0")).isEqualTo(3609);
        assertThat(seconds("source-1")).isEqualTo(2);
        assertThat(seconds("new")).isEqualTo(7);
        assertThat(seconds(ThrottledSources.OTHER)).isEqualTo(9_900 + 3608);
        stillWaits.end();
    }

    private void tenThousandWait() {
        List<WaitingTime> times = IntStream.range(0, 10_000)
                .mapToObj(i -> sources.begin("source-" + i))
                .toList();
        pass(1);
        times.forEach(WaitingTime::end);
    }

    private void waits(String source, double seconds) {
        WaitingTime time = sources.begin(source);
        pass(seconds);
        time.end();
    }

    private void pass(double seconds) {
        now += (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }

    private double seconds(String source) {
        return registry.get("sluice.source.throttled.seconds").tag("source", source).meters().stream()
                .mapToDouble(meter -> ((FunctionCounter) meter).count())
                .sum();
    }
}
