package dev.sluice.simulation;

import java.util.ArrayList;
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
    private int savedEvents = -1;
    private int savedLetters;
    private boolean isFailed;
    private int position;
    private boolean isAwaited;
    private boolean isWaitGivenUp;

    /** Whether the keys of its inserts hold up others. */
    boolean holds(UUID key) {
        return batches.containsKey(key) || deliveries.contains(key);
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

    void fail() {
        isFailed = true;
    }

    void save() {
        savedEvents = events.size();
        savedLetters = letters.size();
    }

    void release() {
        savedEvents = -1;
    }

    /** False where there is no savepoint. */
    boolean undo() {
        if (savedEvents < 0) {
            return false;
        }
        events.subList(savedEvents, events.size()).clear();
        letters.subList(savedLetters, letters.size()).clear();
        isFailed = false;
        return true;
    }
}
