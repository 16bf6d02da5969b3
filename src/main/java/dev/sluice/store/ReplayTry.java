package dev.sluice.store;

import dev.sluice.event.RejectReason;
import dev.sluice.event.Rows;
import dev.sluice.store.copy.DeadLetterRow;
import dev.sluice.store.copy.Span;
import dev.sluice.store.failure.WriteFailure;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One dead letter in a batch of a replay, and what it is about to become. */
final class ReplayTry {

    private static final int REASON_COLUMN = 4;
    private static final int DETAIL_COLUMN = 5;

    private final LetterKey key;
    private ReplayOutcome outcome;
    private List<Span> events = List.of();
    private List<Span> deadLetters = List.of();
    private @Nullable String newReason;
    private @Nullable String detail;

    private ReplayTry(LetterKey key, ReplayOutcome outcome) {
        this.key = key;
        this.outcome = outcome;
    }

    /** One that is not even decoded. */
    static ReplayTry staying(LetterKey key, ReplayOutcome why) {
        return new ReplayTry(key, why);
    }

    /**
     * One that was decoded. It is taken apart only where something of it can be stored, and never where a rule failed:
     * what that keeps of an event may be nothing.
     */
    static ReplayTry decoded(LetterKey key, Rows rows) {
        int filtered = rows.parts().stream().mapToInt(Rows.Part::filtered).sum();
        boolean isDead = rows.deadLetters() > 0
                && (rows.events() + filtered == 0 || rows.rejected().containsKey(RejectReason.RULE_FAILED));
        if (isDead) {
            ReplayTry dead = new ReplayTry(key, ReplayOutcome.DEAD_AGAIN);
            dead.newReason = DeadLetterRow.text(rows.deadLetterBytes(), REASON_COLUMN);
            dead.detail = DeadLetterRow.text(rows.deadLetterBytes(), DETAIL_COLUMN);
            return dead;
        }
        boolean isStored = rows.events() + rows.deadLetters() > 0;
        ReplayTry tried = new ReplayTry(key, isStored ? ReplayOutcome.STORED : ReplayOutcome.FILTERED);
        tried.events = Span.events(rows);
        tried.deadLetters =
                rows.deadLetters() == 0 ? List.of() : List.of(Span.of(rows.deadLetterBytes(), rows.deadLetters()));
        return tried;
    }

    LetterKey key() {
        return key;
    }

    ReplayOutcome outcome() {
        return outcome;
    }

    List<Span> events() {
        return events;
    }

    List<Span> deadLetters() {
        return deadLetters;
    }

    boolean hasRows() {
        return !events.isEmpty() || !deadLetters.isEmpty();
    }

    long rowBytes() {
        return Stream.concat(events.stream(), deadLetters.stream())
                .mapToLong(Span::length)
                .sum();
    }

    /** Its partition is gone. */
    void noPartition() {
        stay(ReplayOutcome.NO_PARTITION);
    }

    /** PostgreSQL did not take it. */
    void refused(WriteFailure failure) {
        if (failure instanceof WriteFailure.MissingPartition) {
            noPartition();
        } else {
            stay(ReplayOutcome.DEAD_AGAIN);
            newReason = RejectReason.REFUSED_ROW.label();
            detail = RefusedRow.bounded(failure.message());
        }
    }

    private void stay(ReplayOutcome why) {
        outcome = why;
        events = List.of();
        deadLetters = List.of();
    }

    @Nullable
    String newReason() {
        return newReason;
    }

    @Nullable
    String detail() {
        return detail;
    }

    /** The same for those who asked for it, perhaps with what is stored. */
    ReplayedLetter told(boolean isExample) {
        String said = isExample && detail == null && !events.isEmpty()
                ? new String(RefusedRow.json(Span.subset(events, 0, 1).getFirst()), StandardCharsets.UTF_8)
                : detail;
        return new ReplayedLetter(
                key.reason() == null ? "" : key.reason(),
                outcome,
                Span.rows(events),
                Span.rows(deadLetters),
                newReason,
                said == null ? null : RefusedRow.bounded(said));
    }
}
