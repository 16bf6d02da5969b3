package dev.sluice.store.batch;

import dev.sluice.event.Rows;
import dev.sluice.store.copy.IdentifiedRows;
import dev.sluice.store.copy.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What one transaction writes: a batch, or a part of one whose whole was refused. The id stands in the ledger, so it
 * stays the same however often the unit is tried.
 *
 * @param events rows of deliveries without an id
 * @param deadLetters rows of deliveries without an id
 * @param identified deliveries with an id, whose rows stay together
 */
public record WriteUnit(UUID id, List<Span> events, List<Span> deadLetters, List<IdentifiedRows> identified) {

    public WriteUnit(UUID id, List<Span> events, List<Span> deadLetters) {
        this(id, events, deadLetters, List.of());
    }

    /** The same rows under another id. */
    public WriteUnit withId(UUID other) {
        return new WriteUnit(other, events, deadLetters, identified);
    }

    /** The same with {@code rest} for the rows that are of no identified delivery, under another id. */
    public WriteUnit withEvents(List<Span> rest, UUID other) {
        return new WriteUnit(other, rest, deadLetters, identified);
    }

    /** All event rows, whatever delivery they are of. */
    public List<Span> allEvents() {
        return Stream.concat(events.stream(), identified.stream().flatMap(some -> some.events().stream()))
                .toList();
    }

    public int eventRows() {
        return Span.rows(events)
                + identified.stream().mapToInt(some -> Span.rows(some.events())).sum();
    }

    public int deadLetterRows() {
        return Span.rows(deadLetters)
                + identified.stream()
                        .mapToInt(some -> Span.rows(some.deadLetters()))
                        .sum();
    }

    /** Bytes of its event rows. */
    public long bytes() {
        return allEvents().stream().mapToLong(Span::length).sum();
    }

    /** Where its first event is; none when it has only dead letters. */
    public Optional<Span> firstEvents() {
        return Stream.concat(events.stream(), identified.stream().flatMap(some -> some.events().stream()))
                .findFirst();
    }

    /** Whether it may not be split, because the rows of a delivery are stored with its id or not at all. */
    public boolean isIdentified() {
        return !identified.isEmpty();
    }

    /** The same without the identified deliveries that are not among {@code ids}; of the others, no id is left. */
    public WriteUnit only(Set<UUID> ids) {
        List<Span> eventSpans = new ArrayList<>(events);
        List<Span> deadLetterSpans = new ArrayList<>(deadLetters);
        for (IdentifiedRows some : identified) {
            if (ids.contains(some.id())) {
                eventSpans.addAll(some.events());
                deadLetterSpans.addAll(some.deadLetters());
            }
        }
        return new WriteUnit(id, List.copyOf(eventSpans), List.copyOf(deadLetterSpans));
    }

    public boolean isEmpty() {
        return eventRows() + deadLetterRows() == 0;
    }

    /** Whether this is a single row, so that a refusal is about that row. */
    public boolean isSingle() {
        return eventRows() + deadLetterRows() == 1;
    }

    /**
     * Two smaller units that together are this one, events apart from dead letters first, because it is the events that
     * PostgreSQL may refuse.
     */
    public List<WriteUnit> split(BatchIds ids) {
        int eventRows = eventRows();
        int deadLetterRows = deadLetterRows();
        if (eventRows > 0 && deadLetterRows > 0) {
            return List.of(
                    new WriteUnit(ids.next(), events, List.of()), new WriteUnit(ids.next(), List.of(), deadLetters));
        }
        int eventHalf = eventRows / 2;
        int deadLetterHalf = deadLetterRows / 2;
        return List.of(
                new WriteUnit(
                        ids.next(), Span.subset(events, 0, eventHalf), Span.subset(deadLetters, 0, deadLetterHalf)),
                new WriteUnit(
                        ids.next(),
                        Span.subset(events, eventHalf, eventRows),
                        Span.subset(deadLetters, deadLetterHalf, deadLetterRows)));
    }

    /** Gathers the rows of a batch. */
    static final class Builder {
        private final List<Span> events = new ArrayList<>();
        private final List<Span> deadLetters = new ArrayList<>();
        private final List<IdentifiedRows> identified = new ArrayList<>();

        /** Adds rows, but for those of deliveries that are left out. */
        void add(Rows rows, Predicate<Rows.Part> leftOut) {
            List<Span> eventSpans = Span.events(rows);
            List<Span> deadLetterSpans =
                    rows.deadLetters() == 0 ? List.of() : List.of(Span.of(rows.deadLetterBytes(), rows.deadLetters()));
            if (rows.parts().stream().allMatch(part -> part.id() == null)) {
                events.addAll(eventSpans);
                deadLetters.addAll(deadLetterSpans);
            } else {
                divide(rows, eventSpans, deadLetterSpans, leftOut);
            }
        }

        private void divide(Rows rows, List<Span> all, List<Span> allDeadLetters, Predicate<Rows.Part> leftOut) {
            int event = 0;
            int deadLetter = 0;
            for (Rows.Part part : rows.parts()) {
                List<Span> own = Span.subset(all, event, event + part.events());
                List<Span> ownDeadLetters = Span.subset(allDeadLetters, deadLetter, deadLetter + part.deadLetters());
                event += part.events();
                deadLetter += part.deadLetters();
                if (part.id() == null) {
                    events.addAll(own);
                    deadLetters.addAll(ownDeadLetters);
                } else if (!leftOut.test(part)) {
                    identified.add(new IdentifiedRows(part.id(), own, ownDeadLetters));
                }
            }
        }

        WriteUnit build(UUID id) {
            return new WriteUnit(id, List.copyOf(events), List.copyOf(deadLetters), List.copyOf(identified));
        }
    }
}
