package dev.sluice.store;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;

/**
 * The transactions that were committed last, by all lanes of the service: a database that was restored, or failed over
 * to a server that never got them, does not have them any more and says nothing. Any thread.
 */
final class LastCommits {

    /**
     * With 15 full batches a second, 300 000 events, two minutes. The ids of all are asked for in one statement of 80
     * KB.
     */
    static final int MAX = 2000;

    /**
     * One of them.
     *
     * @param rows events, those among them that became dead letters, too
     * @param nanos a time that no clock of the day moves
     */
    private record Commit(UUID id, int rows, Instant at, long nanos) {}

    /**
     * What is gone.
     *
     * @param mayBeMore nothing older is known to be there
     */
    record Loss(int batches, long events, Instant from, Instant until, boolean mayBeMore) {}

    private final Duration age;
    private final LongSupplier nanos;
    private final InstantSource clock;
    private final Map<UUID, Commit> commits = new LinkedHashMap<>();

    /**
     * Nothing yet.
     *
     * @param ledgerAge for how long the ledger knows a transaction; after half of it none is missed
     */
    LastCommits(Duration ledgerAge, LongSupplier nanos, InstantSource clock) {
        age = ledgerAge.dividedBy(2);
        this.nanos = nanos;
        this.clock = clock;
    }

    synchronized void add(UUID id, int rows) {
        commits.put(id, new Commit(id, rows, clock.instant(), nanos.getAsLong()));
        if (commits.size() > MAX) {
            commits.remove(commits.keySet().iterator().next());
        }
    }

    /**
     * Those that the ledger must still know, by either clock: one stands while the machine sleeps, the other is set.
     */
    synchronized List<UUID> ids() {
        long steady = nanos.getAsLong();
        Instant now = clock.instant();
        commits.values()
                .removeIf(commit -> steady - commit.nanos > age.toNanos()
                        || Duration.between(commit.at, now).compareTo(age) > 0);
        return List.copyOf(commits.keySet());
    }

    /** Forgets those that were asked for and not found, so that the next lane does not miss them again. */
    synchronized Optional<Loss> missing(List<UUID> asked, Set<UUID> found) {
        List<Commit> gone = new ArrayList<>();
        for (UUID id : asked) {
            Commit commit = found.contains(id) ? null : commits.remove(id);
            if (commit != null) {
                gone.add(commit);
            }
        }
        return gone.isEmpty()
                ? Optional.empty()
                : Optional.of(new Loss(
                        gone.size(),
                        gone.stream().mapToLong(Commit::rows).sum(),
                        gone.getFirst().at,
                        gone.getLast().at,
                        found.isEmpty()));
    }
}
