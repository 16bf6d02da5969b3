package dev.sluice.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices when the wall clock is set: it compares it with the monotonic one, look by look. Events are stamped by the
 * wall clock, so a step shows in the table as times that jump or come twice. Not thread-safe.
 */
public final class ClockSteps {

    private static final Logger LOG = LoggerFactory.getLogger(ClockSteps.class);
    private static final long STEP_NANOS_MIN = TimeUnit.SECONDS.toNanos(1);

    /** Both clocks are read one after the other; a pause between them is no step. */
    private static final long READING_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(100);

    private final InstantSource wall;
    private final LongSupplier monotonic;
    private final Counter forward;
    private final Counter backward;
    private long lastWall;
    private long lastMonotonic;
    private boolean looked;

    /** Counts the steps of {@code wall} against the nanoseconds of {@code monotonic}. */
    public ClockSteps(MeterRegistry registry, InstantSource wall, LongSupplier monotonic) {
        this.wall = wall;
        this.monotonic = monotonic;
        forward = registry.counter("sluice.clock.steps", "direction", "forward");
        backward = registry.counter("sluice.clock.steps", "direction", "backward");
    }

    /** Compares the clocks with what they were at the last look. */
    public void look() {
        long before = monotonic.getAsLong();
        long now = TimeUnit.MILLISECONDS.toNanos(wall.millis());
        if (monotonic.getAsLong() - before > READING_NANOS_MAX) {
            return;
        }
        long step = (now - lastWall) - (before - lastMonotonic);
        if (looked && Math.abs(step) >= STEP_NANOS_MIN) {
            (step > 0 ? forward : backward).increment();
            LOG.warn(
                    "The clock of this machine was set {} by {}: received_at of the events follows it",
                    step > 0 ? "forward" : "back",
                    Duration.ofNanos(Math.abs(step)).truncatedTo(ChronoUnit.MILLIS));
        }
        looked = true;
        lastWall = now;
        lastMonotonic = before;
    }
}
