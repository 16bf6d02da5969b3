package dev.sluice.store;

import dev.sluice.event.LogEvent;
import dev.sluice.event.Protocol;
import dev.sluice.event.RejectReason;
import dev.sluice.store.copy.CopyFormat;
import dev.sluice.store.copy.DeadLetterRow;
import dev.sluice.store.copy.Span;
import dev.sluice.store.failure.WriteFailure;
import dev.sluice.text.ByteWriter;
import dev.sluice.text.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Makes the dead letter of a row that PostgreSQL refused. Only for the rare row; clarity before speed. */
final class RefusedRow {

    private static final int DETAIL_CHARS_MAX = 500;
    private static final int PLAIN_BYTES_MAX = 200;
    private static final byte DELETE = 0x7f;
    private static final String[] NAMES = CopyFormat.EVENT_COLUMNS.split(", ");

    private final byte[] bytes;
    private final int[] starts = new int[CopyFormat.EVENT_COLUMN_COUNT];
    private final int[] lengths = new int[CopyFormat.EVENT_COLUMN_COUNT];

    private RefusedRow(Span row) {
        bytes = row.bytes();
        int position = row.from() + Short.BYTES;
        for (int column = 0; column < starts.length; column++) {
            lengths[column] = CopyFormat.intAt(bytes, position);
            starts[column] = position + Integer.BYTES;
            position = starts[column] + Math.max(lengths[column], 0);
        }
    }

    /** The row of {@code dead_letter} for the single event row of {@code span}. */
    static Span deadLetter(Span span, WriteFailure.BadData refusal) {
        RefusedRow row = new RefusedRow(span);
        ByteWriter out = new ByteWriter(span.length() + 1024);
        byte[] payload = row.json();
        DeadLetterRow written = new DeadLetterRow(out);
        row.copy(0, written);
        row.copy(10, written);
        row.copy(11, written);
        written.text(span.protocol().map(Protocol::label).orElse(null))
                .text(RejectReason.REFUSED_ROW.label())
                .text(bounded(refusal.message()))
                .payload(payload, 0, payload.length)
                .piece(null);
        return Span.of(out.toByteArray(), 1);
    }

    /** The single event row of {@code span} as JSON. */
    static byte[] json(Span span) {
        return new RefusedRow(span).json();
    }

    /** The same row of {@code dead_letter} with short ASCII words around the payload, which any database takes. */
    static Span plain(Span deadLetter) {
        byte[] from = deadLetter.bytes();
        ByteWriter out = new ByteWriter(deadLetter.length());
        out.putShort(CopyFormat.DEAD_LETTER_COLUMN_COUNT);
        int position = deadLetter.from() + Short.BYTES;
        for (int column = 0; column < CopyFormat.DEAD_LETTER_COLUMN_COUNT; column++) {
            int length = CopyFormat.intAt(from, position);
            position += Integer.BYTES;
            boolean isText = column > 0 && column < CopyFormat.DEAD_LETTER_PAYLOAD;
            int kept = isText ? Math.min(length, PLAIN_BYTES_MAX) : length;
            out.putInt(kept);
            for (int i = 0; i < kept; i++) {
                byte next = from[position + i];
                out.put(isText && (next < ' ' || next == DELETE) ? '?' : next);
            }
            position += Math.max(length, 0);
        }
        return Span.of(out.toByteArray(), 1);
    }

    private void copy(int column, DeadLetterRow to) {
        to.column(bytes, starts[column] - Integer.BYTES, starts[column] + Math.max(lengths[column], 0));
    }

    private byte[] json() {
        JsonWriter json = new LogEvent().attributes();
        json.text().put('{');
        for (int column = 0; column < NAMES.length; column++) {
            if (lengths[column] != CopyFormat.NULL) {
                json.key(NAMES[column].getBytes(StandardCharsets.US_ASCII));
                member(json, column);
            }
        }
        json.text().put('}');
        return json.text().toByteArray();
    }

    private void member(JsonWriter json, int column) {
        switch (NAMES[column]) {
            case "received_at", "event_at" -> {
                long micros = CopyFormat.epochMicros(CopyFormat.longAt(bytes, starts[column]));
                byte[] text =
                        Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString().getBytes(StandardCharsets.US_ASCII);
                json.string(text, 0, text.length);
            }
            case "severity", "facility" -> {
                byte[] text = Integer.toString(CopyFormat.shortAt(bytes, starts[column]))
                        .getBytes(StandardCharsets.US_ASCII);
                json.raw(text, 0, text.length);
            }
            case "attributes" -> json.raw(bytes, starts[column] + 1, lengths[column] - 1);
            default -> json.string(bytes, starts[column], lengths[column]);
        }
    }

    static String bounded(String text) {
        return text.length() <= DETAIL_CHARS_MAX ? text : text.substring(0, DETAIL_CHARS_MAX) + "…";
    }
}
