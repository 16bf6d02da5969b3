package dev.sluice.store.batch;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.Rows;
import dev.sluice.store.EventStore;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The rows that are written in one transaction, sealed: a retry sends the same bytes under the same id. */
public final class Batch {

    private final List<Rows> rows;
    private final WriteUnit unit;
    private final int events;
    private final int deadLetters;
    private final long bytes;

    /** Found out when it was made, and when it was written. */
    private final Set<Rows.Part> duplicates = Collections.newSetFromMap(new IdentityHashMap<>());

    private final Map<UUID, Rows.Part> identified = new LinkedHashMap<>();

    Batch(UUID id, List<Rows> rows) {
        this.rows = List.copyOf(rows);
        WriteUnit.Builder parts = new WriteUnit.Builder();
        long size = 0;
        int eventSum = 0;
        int deadLetterSum = 0;
        for (Rows some : rows) {
            identify(some);
            parts.add(some, this::isDuplicate);
            size += some.size();
            eventSum += some.events();
            deadLetterSum += some.deadLetters();
        }
        unit = parts.build(id);
        events = eventSum;
        deadLetters = deadLetterSum;
        bytes = size;
    }

    /** A shipper that became impatient may send a delivery again while the first one still waits. */
    private void identify(Rows some) {
        for (Rows.Part part : some.parts()) {
            if (part.id() != null && identified.putIfAbsent(part.id(), part) != null) {
                duplicates.add(part);
            }
        }
    }

    /** Its id in the ledger. */
    public UUID id() {
        return unit.id();
    }

    /** What it was made of, in the order of arrival. */
    public List<Rows> rows() {
        return rows;
    }

    /** Rows for {@code log_event}. */
    public int events() {
        return events;
    }

    /** Rows for {@code dead_letter}, without those that PostgreSQL refuses later. */
    public int deadLetters() {
        return deadLetters;
    }

    /** Whether the delivery was committed before, so that its rows are left out; known when the batch is emitted. */
    public boolean isDuplicate(Rows.Part part) {
        return duplicates.contains(part);
    }

    /** Rows for {@code log_event} that were left out. */
    public int duplicateEvents() {
        return duplicates.stream().mapToInt(Rows.Part::events).sum();
    }

    /** Of the identified deliveries these were stored, the others had been before. */
    public void stored(Set<UUID> ids) {
        identified.forEach((id, part) -> {
            if (!ids.contains(id)) {
                duplicates.add(part);
            }
        });
    }

    /** Bytes of all rows. */
    public long bytes() {
        return bytes;
    }

    /**
     * Tells every delivery that it is committed. Call it once, when {@link EventStore#write} has emitted this batch.
     */
    public void acknowledge() {
        for (Rows some : rows) {
            for (Rows.Part part : some.parts()) {
                part.delivery().ack().run();
            }
        }
    }

    /** Gives the arrays of its rows back: nothing of it is read any more. */
    public void recycle(ArrayPool arrays) {
        for (Rows some : rows) {
            some.pieces().forEach(piece -> arrays.give(piece.bytes()));
        }
    }

    public WriteUnit unit() {
        return unit;
    }
}
