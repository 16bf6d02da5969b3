package dev.sluice.store.copy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.Delivery;
import dev.sluice.event.FrameBatch;
import dev.sluice.text.ByteWriter;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Writes a row of {@code dead_letter}, column by column in their order. */
public final class DeadLetterRow {

    private final ByteWriter out;

    /** A column of text of the first of some rows; empty where it is null. */
    public static String text(byte[] rows, int column) {
        int at = Short.BYTES;
        for (int i = 0; i < column; i++) {
            at += Integer.BYTES + Math.max(CopyFormat.intAt(rows, at), 0);
        }
        return new String(rows, at + Integer.BYTES, Math.max(CopyFormat.intAt(rows, at), 0), UTF_8);
    }

    /** A row that is appended to {@code out}. */
    public DeadLetterRow(ByteWriter out) {
        this.out = out;
        out.putShort(CopyFormat.DEAD_LETTER_COLUMN_COUNT);
    }

    /** When and from whom it came, and how. */
    DeadLetterRow of(Delivery delivery, byte[] originColumns) {
        CopyRowEncoder.timestamp(out, CopyFormat.timestamptz(delivery.receivedAtMicros()));
        out.put(originColumns);
        return text(delivery.origin().protocol().label());
    }

    /** A value as another row has it, with its length before it. */
    public DeadLetterRow column(byte[] bytes, int from, int to) {
        out.put(bytes, from, to - from);
        return this;
    }

    /** The next column is a text, or null. */
    public DeadLetterRow text(@Nullable String value) {
        if (value == null) {
            out.putInt(CopyFormat.NULL);
            return this;
        }
        byte[] bytes = value.getBytes(UTF_8);
        return payload(bytes, 0, bytes.length);
    }

    /** The next column is these bytes. */
    public DeadLetterRow payload(byte[] bytes, int from, int to) {
        out.putInt(to - from);
        out.put(bytes, from, to - from);
        return this;
    }

    /** The last columns: which part of a frame it is, or none. */
    public void piece(FrameBatch.@Nullable Piece piece) {
        if (piece == null) {
            out.putInt(CopyFormat.NULL);
            integer(CopyFormat.NULL);
            integer(CopyFormat.NULL);
            return;
        }
        UUID frame = piece.frame();
        out.putInt(2 * Long.BYTES);
        out.putLong(frame.getMostSignificantBits());
        out.putLong(frame.getLeastSignificantBits());
        integer(piece.number());
        integer(piece.isLast() ? piece.number() : CopyFormat.NULL);
    }

    /** Nothing that is counted is negative. */
    private void integer(int value) {
        if (value == CopyFormat.NULL) {
            out.putInt(CopyFormat.NULL);
        } else {
            out.putInt(Integer.BYTES);
            out.putInt(value);
        }
    }
}
