package dev.sluice.store.copy;

import static java.util.stream.Collectors.joining;

import dev.sluice.text.ByteWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;

/**
 * A row that {@code log_event} has of the same day as another, or of the day before, in the form in which rows are
 * sent: a column that was given another type may refuse just the form of a value. It is the first one found, because
 * there is no index by which to find the last.
 */
public final class NeighbourRow {

    /** Rows that are looked at for one that is not too large to be kept for a moment. */
    private static final int ROWS_MAX = 100;

    private static final String[] COLUMNS = CopyFormat.EVENT_COLUMNS.split(", ");

    /** Both stand first in a row. */
    private static final int TIMES = 2;

    private NeighbourRow() {}

    /** Asks for what follows the times of a row. */
    public static String query(String home, Instant time) {
        Instant day = time.truncatedTo(ChronoUnit.DAYS);
        String values =
                Arrays.stream(COLUMNS).skip(TIMES).map(NeighbourRow::value).collect(joining(" || "));
        return "SELECT value FROM (SELECT " + values + " AS value FROM " + home + "log_event WHERE received_at >= '"
                + day.minus(1, ChronoUnit.DAYS) + "' AND received_at < '" + day.plus(1, ChronoUnit.DAYS) + "' LIMIT "
                + ROWS_MAX + ") AS rows WHERE octet_length(value) <= " + KeptRow.BYTES_MAX + " LIMIT 1";
    }

    private static String value(String column) {
        String sent =
                switch (column) {
                    case "severity", "facility" -> "int2send(" + column + "::int2)";
                    case "attributes" -> "jsonb_send(" + column + "::jsonb)";
                    default -> "textsend(" + column + "::text)";
                };
        return "coalesce(int4send(octet_length(" + sent + ")) || " + sent + ", int4send(" + CopyFormat.NULL + "))";
    }

    /** What was found, as a row of the times of another. */
    public static Span of(byte[] values, Span times) {
        ByteWriter out = new ByteWriter(CopyFormat.TIMES_BYTES + values.length);
        out.put(times.bytes(), times.from(), CopyFormat.TIMES_BYTES);
        out.put(values);
        return Span.of(out.toByteArray(), 1);
    }
}
