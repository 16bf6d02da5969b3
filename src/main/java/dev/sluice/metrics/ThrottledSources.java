package dev.sluice.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who had to wait, and for how long. The first {@link #SOURCES_MAX} sources that wait get a series each and keep it, so
 * that counters never go back; all others share one.
 */
final class ThrottledSources {

    static final int SOURCES_MAX = 100;
    static final String OTHER = "other";

    private final MeterRegistry registry;
    private final Map<String, Counter> known = new ConcurrentHashMap<>();
    private final Counter other;

    ThrottledSources(MeterRegistry registry) {
        this.registry = registry;
        other = counter(OTHER);
    }

    /** The counter of {@code source}, in seconds. */
    Counter of(String source) {
        Counter counter = known.get(source);
        return counter != null ? counter : admit(source);
    }

    private synchronized Counter admit(String source) {
        return known.size() < SOURCES_MAX ? known.computeIfAbsent(source, this::counter) : other;
    }

    private Counter counter(String source) {
        return registry.counter("sluice.source.throttled.seconds", "source", source);
    }
}
