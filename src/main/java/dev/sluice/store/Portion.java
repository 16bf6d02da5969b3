package dev.sluice.store;

import java.util.List;
import java.util.UUID;

/**
 * What one transaction writes: a batch, or a part of one whose whole was refused. The id stands in the ledger, so it
 * stays the same however often the portion is tried.
 */
record Portion(UUID id, List<Span> events, List<Span> deadLetters) {

    int eventRows() {
        return Span.rows(events);
    }

    int deadLetterRows() {
        return Span.rows(deadLetters);
    }

    boolean isEmpty() {
        return eventRows() + deadLetterRows() == 0;
    }

    /** Whether this is a single row, so that a refusal is about that row. */
    boolean isSingle() {
        return eventRows() + deadLetterRows() == 1;
    }

    /**
     * Two smaller portions that together are this one, events apart from dead letters first, because it is the events
     * that PostgreSQL may refuse.
     */
    List<Portion> split(BatchIds ids) {
        int eventRows = eventRows();
        int deadLetterRows = deadLetterRows();
        if (eventRows > 0 && deadLetterRows > 0) {
            return List.of(new Portion(ids.next(), events, List.of()), new Portion(ids.next(), List.of(), deadLetters));
        }
        int eventHalf = eventRows / 2;
        int deadLetterHalf = deadLetterRows / 2;
        return List.of(
                new Portion(ids.next(), Span.subset(events, 0, eventHalf), Span.subset(deadLetters, 0, deadLetterHalf)),
                new Portion(
                        ids.next(),
                        Span.subset(events, eventHalf, eventRows),
                        Span.subset(deadLetters, deadLetterHalf, deadLetterRows)));
    }
}
