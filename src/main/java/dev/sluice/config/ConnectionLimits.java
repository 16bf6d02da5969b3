package dev.sluice.config;

import dev.sluice.event.RowGrowth;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * How many connections each listener takes at a time: as many as its {@code max-connections} says, and where that is 0
 * as many as the JVM's memory has room for beside everything else.
 *
 * @param byListener by the listener's name
 */
public record ConnectionLimits(Map<String, Integer> byListener) {

    /** More than this only when they are asked for. */
    private static final int COMPUTED_MAX = 10_000;

    /** A memory without room for these is refused at the start. */
    private static final int COMPUTED_MIN = 100;

    private static final Comparator<Map.Entry<String, ListenerProperties>> CHEAPEST =
            Comparator.comparingLong(entry -> MemoryCeiling.perConnection(entry.getValue()));

    /** Keeps a copy. */
    public ConnectionLimits {
        byListener = Map.copyOf(byListener);
    }

    /** What a JVM of this memory has room for, with {@code loops} event loops and rules of this growth. */
    public static ConnectionLimits of(
            SluiceProperties properties, int loops, RowGrowth growth, long heapMax, long directMax) {
        ConnectionLimits least = least(properties);
        MemoryCeiling ceiling = MemoryCeiling.of(properties, least, loops, growth);
        return least.raised(properties.listeners(), heapMax - ceiling.heap(), directMax - ceiling.direct());
    }

    /** Fewer there are never: the sums of a start that is refused are those of these. */
    static ConnectionLimits least(SluiceProperties properties) {
        Map<String, Integer> limits = new HashMap<>();
        properties.listeners().forEach((name, listener) -> {
            int set = listener.maxConnections();
            limits.put(name, set == 0 ? COMPUTED_MIN : set);
        });
        return new ConnectionLimits(limits);
    }

    /** The cheapest first, so that what they do not need goes to those with TLS. */
    private ConnectionLimits raised(Map<String, ListenerProperties> listeners, long heap, long direct) {
        Map<String, Integer> limits = new HashMap<>(byListener);
        List<Map.Entry<String, ListenerProperties>> computed = listeners.entrySet().stream()
                .filter(entry -> entry.getValue().maxConnections() == 0)
                .sorted(CHEAPEST.thenComparing(Map.Entry.comparingByKey()))
                .toList();
        long heapLeft = Math.max(0, heap);
        long directLeft = Math.max(0, direct);
        int shares = computed.size();
        for (Map.Entry<String, ListenerProperties> entry : computed) {
            long each = MemoryCeiling.perConnection(entry.getValue());
            long header = MemoryCeiling.headerPerConnection(entry.getValue());
            long more = Math.min(COMPUTED_MAX - COMPUTED_MIN, heapLeft / shares / each);
            more = header == 0 ? more : Math.min(more, directLeft / shares / header);
            heapLeft -= more * each;
            directLeft -= more * header;
            limits.merge(entry.getKey(), (int) more, Integer::sum);
            shares--;
        }
        return new ConnectionLimits(limits);
    }

    /** Of the listener of this name. */
    public int of(String listener) {
        return Objects.requireNonNull(byListener.get(listener));
    }

    /** Of all listeners together. */
    long sum() {
        return byListener.values().stream().mapToLong(Integer::longValue).sum();
    }

    /** As in {@code main 10000, secure 400}. */
    @Override
    public String toString() {
        return byListener.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
    }
}
