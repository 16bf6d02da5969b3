package dev.sluice.store;

import dev.sluice.event.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The rows that are written in one transaction, sealed: a retry sends the same bytes under the same id. */
public final class Batch {

    private final List<Rows> rows;
    private final Portion portion;
    private final int events;
    private final int deadLetters;
    private final long bytes;

    Batch(UUID id, List<Rows> rows) {
        this.rows = List.copyOf(rows);
        List<Span> eventSpans = new ArrayList<>(rows.size());
        List<Span> deadLetterSpans = new ArrayList<>();
        long size = 0;
        for (Rows some : rows) {
            add(eventSpans, some.bytes(), some.events());
            add(deadLetterSpans, some.deadLetterBytes(), some.deadLetters());
            size += some.size();
        }
        portion = new Portion(id, List.copyOf(eventSpans), List.copyOf(deadLetterSpans));
        events = portion.eventRows();
        deadLetters = portion.deadLetterRows();
        bytes = size;
    }

    private static void add(List<Span> spans, byte[] bytes, int rows) {
        if (rows > 0) {
            spans.add(Span.of(bytes, rows));
        }
    }

    /** Its id in the ledger. */
    public UUID id() {
        return portion.id();
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

    Portion portion() {
        return portion;
    }
}
