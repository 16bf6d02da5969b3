package dev.sluice.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** What a session has written and nobody else sees yet. */
final class Transaction {

    final Map<UUID, Integer> batches = new LinkedHashMap<>();
    final Set<UUID> deliveries = new LinkedHashSet<>();
    final List<CopiedRow> events = new ArrayList<>();
    final List<CopiedRow> letters = new ArrayList<>();

    /** Batches of others that it changed: who wants to change them, too, waits. */
    final Set<UUID> changed = new HashSet<>();

    private final Deque<Savepoint> savepoints = new ArrayDeque<>();
    private boolean isFailed;
    private int position;
    private boolean isAwaited;
    private boolean isWaitGivenUp;

    private record Savepoint(Set<UUID> batches, Set<UUID> deliveries, Set<UUID> changed, int events, int letters) {}

    /** Whether the keys of its inserts hold up others. */
    boolean holds(UUID key) {
        return batches.containsKey(key) || deliveries.contains(key);
    }

    boolean isEmpty() {
        return batches.isEmpty() && deliveries.isEmpty() && events.isEmpty() && letters.isEmpty() && changed.isEmpty();
    }

    /** It is in the log of its server, and nothing can undo it there. */
    void writtenAt(int end) {
        position = end;
    }

    /** Where it ends in the log; 0 as long as it is not in it. */
    int position() {
        return position;
    }

    boolean isWritten() {
        return position > 0;
    }

    /** It waits for a standby. */
    void await() {
        isAwaited = true;
    }

    boolean isAwaited() {
        return isAwaited;
    }

    /** Somebody broke off its wait for the standby. */
    void giveUpWait() {
        isWaitGivenUp = true;
    }

    boolean isWaitGivenUp() {
        return isWaitGivenUp;
    }

    boolean isFailed() {
        return isFailed;
    }

    /** What was written since the last savepoint is gone at once, and so are its locks. */
    void fail() {
        isFailed = true;
        back(savepoints.isEmpty() ? new Savepoint(Set.of(), Set.of(), Set.of(), 0, 0) : savepoints.peek());
    }

    void save() {
        savepoints.push(new Savepoint(
                Set.copyOf(batches.keySet()),
                Set.copyOf(deliveries),
                Set.copyOf(changed),
                events.size(),
                letters.size()));
    }

    /** False where there is no savepoint. */
    boolean release() {
        return savepoints.poll() != null;
    }

    /** Back to the last savepoint, which stays; false where there is none. */
    boolean undo() {
        if (savepoints.isEmpty()) {
            return false;
        }
        back(savepoints.peek());
        isFailed = false;
        return true;
    }

    private void back(Savepoint to) {
        batches.keySet().retainAll(to.batches);
        deliveries.retainAll(to.deliveries);
        changed.retainAll(to.changed);
        events.subList(to.events, events.size()).clear();
        letters.subList(to.letters, letters.size()).clear();
    }
}
