package dev.sluice.replay;

import dev.sluice.store.ReplayOutcome;
import dev.sluice.store.ReplayedLetter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a replay did, or would do.
 *
 * @param applied whether it was done
 * @param events events that are stored of all
 * @param deadLetters parts of them that became dead letters of their own
 * @param counts dead letters by the reason for which they were kept, and what became of them
 * @param newReasons those that stay, by the reason of now
 * @param examples the first of them
 */
public record ReplayReport(
        boolean applied,
        long events,
        long deadLetters,
        Map<String, Map<ReplayOutcome, Long>> counts,
        Map<String, Long> newReasons,
        List<ReplayedLetter> examples) {

    /** How many there are of an outcome. */
    public long count(ReplayOutcome outcome) {
        return counts.values().stream()
                .mapToLong(outcomes -> outcomes.getOrDefault(outcome, 0L))
                .sum();
    }

    /** How many dead letters stay. */
    public long staying() {
        long sum = 0;
        for (ReplayOutcome outcome : ReplayOutcome.values()) {
            sum += outcome.isGone() ? 0 : count(outcome);
        }
        return sum;
    }

    /** Counts as batches are done; what was counted stands when a later one fails. Read by any thread. */
    static final class Counting {
        private final boolean applied;
        private final int examplesMax;
        private final Map<String, Map<ReplayOutcome, Long>> counts = new TreeMap<>();
        private final Map<String, Long> newReasons = new TreeMap<>();
        private final List<ReplayedLetter> examples = new ArrayList<>();
        private long events;
        private long deadLetters;

        Counting(boolean applied, int examplesMax) {
            this.applied = applied;
            this.examplesMax = examplesMax;
        }

        synchronized void add(List<ReplayedLetter> batch) {
            for (ReplayedLetter letter : batch) {
                counts.computeIfAbsent(letter.reason(), reason -> new EnumMap<>(ReplayOutcome.class))
                        .merge(letter.outcome(), 1L, Long::sum);
                events += letter.events();
                deadLetters += letter.deadLetters();
                String newReason = letter.newReason();
                if (newReason != null) {
                    newReasons.merge(newReason, 1L, Long::sum);
                }
                if (examples.size() < examplesMax) {
                    examples.add(letter);
                }
            }
        }

        synchronized ReplayReport report() {
            Map<String, Map<ReplayOutcome, Long>> copy = new TreeMap<>();
            counts.forEach((reason, outcomes) -> copy.put(reason, new EnumMap<>(outcomes)));
            return new ReplayReport(
                    applied, events, deadLetters, copy, new TreeMap<>(newReasons), List.copyOf(examples));
        }
    }
}
