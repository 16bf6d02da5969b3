package dev.sluice.metrics;

import dev.sluice.listen.report.ConnectionView;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Who sends most, all connections of a source together. Those that are open have counted for themselves and are asked;
 * of those that are gone a sum is kept. When there are twice as many sources as {@value #SOURCES_MAX}, so many with the
 * largest sums stay: however many strangers come, they take no place of those that send much. {@value #SERIES_MAX}
 * sources have a series.
 */
public final class SourceBytes {

    static final int SOURCES_MAX = 1000;
    static final int SERIES_MAX = 20;

    private final MeterRegistry registry;
    private final Map<String, Long> gone = new HashMap<>();
    private final Map<String, Series> shown = new HashMap<>();
    private Consumer<Consumer<ConnectionView>> open = looker -> {};

    private record Series(AtomicLong bytes, FunctionCounter meter) {}

    SourceBytes(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Where the open connections can be seen. */
    public synchronized void watch(Consumer<Consumer<ConnectionView>> connections) {
        open = connections;
    }

    /** A connection of {@code source} is gone that had sent so many bytes. */
    synchronized void left(String source, long bytes) {
        if (bytes > 0) {
            gone.merge(source, bytes, Long::sum);
            if (gone.size() >= 2 * SOURCES_MAX) {
                gone.keySet().retainAll(Set.copyOf(largest(gone, SOURCES_MAX).keySet()));
            }
        }
    }

    private static Map<String, Long> largest(Map<String, Long> sums, int count) {
        Map<String, Long> largest = new LinkedHashMap<>();
        sums.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .limit(count)
                .forEach(source -> largest.put(source.getKey(), source.getValue()));
        return largest;
    }

    /** Those that sent most since the start, most first. */
    public synchronized Map<String, Long> top() {
        Map<String, Long> all = new HashMap<>(gone);
        open.accept(view -> {
            if (view.bytes() > 0) {
                all.merge(view.origin().source(), view.bytes(), Long::sum);
            }
        });
        return largest(all, SERIES_MAX);
    }

    /** Brings the series up to date. */
    public synchronized void refresh() {
        Map<String, Long> top = top();
        shown.entrySet().removeIf(source -> {
            boolean isPassed = !top.containsKey(source.getKey());
            if (isPassed) {
                registry.remove(source.getValue().meter());
            }
            return isPassed;
        });
        top.forEach((source, bytes) ->
                shown.computeIfAbsent(source, this::series).bytes().accumulateAndGet(bytes, Math::max));
    }

    private Series series(String source) {
        AtomicLong bytes = new AtomicLong();
        return new Series(
                bytes,
                FunctionCounter.builder("sluice.source.received.bytes", bytes, AtomicLong::get)
                        .tag("source", source)
                        .register(registry));
    }
}
