package dev.sluice.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Who has to wait, and for how long. {@link #SOURCES_MAX} sources have a series each, all others share one. A source
 * keeps its series while it has to wait now and then; after an hour without, another that has to may take its place.
 */
final class ThrottledSources {

    static final int SOURCES_MAX = 100;
    static final String OTHER = "other";
    static final long KEPT_NANOS = TimeUnit.HOURS.toNanos(1);

    /** All are looked at so often at most, however many strangers wait. */
    private static final long LOOK_NANOS = TimeUnit.MINUTES.toNanos(1);

    private record Source(WaitingTime time, FunctionCounter meter) {}

    private final MeterRegistry registry;
    private final LongSupplier clock;
    private final Map<String, Source> known = new HashMap<>();
    private final Source other;
    private long lookedNanos;

    ThrottledSources(MeterRegistry registry, LongSupplier clock) {
        this.registry = registry;
        this.clock = clock;
        lookedNanos = clock.getAsLong();
        other = meter(OTHER);
    }

    /** A connection of {@code source} waits until it ends the time that is returned. */
    synchronized WaitingTime begin(String source) {
        WaitingTime time = known(source).time();
        time.begin();
        return time;
    }

    private Source known(String source) {
        if (source.equals(OTHER)) {
            return other; // a certificate may say so
        }
        if (!known.containsKey(source) && known.size() >= SOURCES_MAX) {
            makeRoom();
        }
        return known.size() < SOURCES_MAX
                ? known.computeIfAbsent(source, this::meter)
                : known.getOrDefault(source, other);
    }

    private void makeRoom() {
        long now = clock.getAsLong();
        if (now - lookedNanos >= LOOK_NANOS) {
            lookedNanos = now;
            known.values().removeIf(this::isForgotten);
        }
    }

    private boolean isForgotten(Source source) {
        boolean isOver = source.time().isOverSince(KEPT_NANOS);
        if (isOver) {
            registry.remove(source.meter());
        }
        return isOver;
    }

    private Source meter(String source) {
        WaitingTime time = new WaitingTime(clock);
        return new Source(
                time,
                FunctionCounter.builder("sluice.source.throttled.seconds", time, WaitingTime::seconds)
                        .tag("source", source)
                        .register(registry));
    }
}
