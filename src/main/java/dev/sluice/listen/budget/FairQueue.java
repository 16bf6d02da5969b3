package dev.sluice.listen.budget;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Connections that wait to read. Sources take turns, and the connections of one source stand in order of arrival: so
 * one that has a thousand of them delays another by one read, not by a thousand. Guarded by the lock of the
 * {@link MemoryBudget}.
 */
final class FairQueue {

    /** More than those whose size alone leaves them no room; see {@link ReadShare}. */
    private static final int SOURCES_LOOKED_AT = 8;

    private static final int EACH_LOOKED_AT = 4;

    private final Map<ReadSource, Set<MemoryBudget.Waiter>> waiting = new LinkedHashMap<>();

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    void add(MemoryBudget.Waiter waiter) {
        waiting.computeIfAbsent(waiter.source(), source -> new LinkedHashSet<>())
                .add(waiter);
    }

    /** Whose turn it is, or null. */
    MemoryBudget.@Nullable Waiter peek() {
        return waiting.isEmpty()
                ? null
                : waiting.values().iterator().next().iterator().next();
    }

    /** Whose turn it is when {@code left} bytes are not in use: others go before a source that has much queued. */
    MemoryBudget.@Nullable Waiter peek(ReadShare reads, long left) {
        for (Set<MemoryBudget.Waiter> ofSource : waiting.values()) {
            MemoryBudget.Waiter waiter = ofSource.iterator().next();
            if (!reads.isHeldBack(waiter.source(), left)) {
                return waiter;
            }
        }
        return peek();
    }

    /** Whether any waits that may not be overtaken by {@code source}. */
    boolean anyBefore(ReadSource source, ReadShare reads) {
        if (waiting.isEmpty() || reads.leftToOthers(source) > 0) {
            return !waiting.isEmpty();
        }
        for (ReadSource other : waiting.keySet()) {
            if (reads.leftToOthers(other) == 0) {
                return true;
            }
        }
        return false;
    }

    /** The first in turn that {@code reads} has room for, or null; a few of a few sources are looked at. */
    MemoryBudget.@Nullable Waiter firstWithRoom(ReadShare reads, long left) {
        int sources = 0;
        for (Set<MemoryBudget.Waiter> ofSource : waiting.values()) {
            int each = 0;
            for (MemoryBudget.Waiter waiter : ofSource) {
                if (reads.room(waiter.source(), waiter.heldBytes()) > 0 && !reads.isHeldBack(waiter.source(), left)) {
                    return waiter;
                }
                each++;
                if (each == EACH_LOOKED_AT) {
                    break;
                }
            }
            sources++;
            if (sources == SOURCES_LOOKED_AT) {
                break;
            }
        }
        return null;
    }

    /** Takes {@code waiter} out because it was served: the turn of its source comes last. */
    void served(MemoryBudget.Waiter waiter) {
        ReadSource source = waiter.source();
        Set<MemoryBudget.Waiter> rest = waiting.remove(source);
        if (rest != null) {
            rest.remove(waiter);
            if (!rest.isEmpty()) {
                waiting.put(source, rest);
            }
        }
    }

    /** Takes {@code waiter} out, if it is in. */
    void remove(MemoryBudget.Waiter waiter) {
        Set<MemoryBudget.Waiter> ofSource = waiting.get(waiter.source());
        if (ofSource != null && ofSource.remove(waiter) && ofSource.isEmpty()) {
            waiting.remove(waiter.source());
        }
    }

    /** When the one that waits longest began to, or {@code now}. */
    long since(long now) {
        long since = now;
        for (Set<MemoryBudget.Waiter> ofSource : waiting.values()) {
            long begun = ofSource.iterator().next().sinceNanos();
            since = since - begun > 0 ? begun : since;
        }
        return since;
    }
}
