package dev.sluice.store.copy;

import dev.sluice.event.Protocol;
import dev.sluice.event.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Some whole rows in the binary COPY format, somewhere in an array that nobody changes.
 *
 * @param parts the deliveries of the frame batch that the rows are of; none for what is not of a frame batch
 * @param first how many event rows of {@code parts} stand before these
 */
public record Span(byte[] bytes, int from, int to, int rows, List<Rows.Part> parts, int first) {

    /** All of {@code bytes}. */
    public static Span of(byte[] bytes, int rows) {
        return new Span(bytes, 0, bytes.length, rows, List.of(), 0);
    }

    /** The event rows of a frame batch. */
    public static List<Span> events(Rows rows) {
        List<Span> spans = new ArrayList<>();
        int first = 0;
        for (Rows.Piece piece : rows.pieces()) {
            spans.add(new Span(piece.bytes(), 0, piece.length(), piece.rows(), rows.parts(), first));
            first += piece.rows();
        }
        return List.copyOf(spans);
    }

    /** What the first row came in. */
    public Optional<Protocol> protocol() {
        int before = 0;
        for (Rows.Part part : parts) {
            before += part.events();
            if (first < before) {
                return Optional.of(part.delivery().origin().protocol());
            }
        }
        return Optional.empty();
    }

    public int length() {
        return to - from;
    }

    public static int rows(List<Span> spans) {
        int rows = 0;
        for (Span span : spans) {
            rows += span.rows;
        }
        return rows;
    }

    /** The rows {@code [from, to)} of {@code spans}, without copying any. */
    public static List<Span> subset(List<Span> spans, int from, int to) {
        List<Span> subset = new ArrayList<>();
        int first = 0;
        for (Span span : spans) {
            int begin = Math.max(from - first, 0);
            int end = Math.min(to - first, span.rows);
            if (begin < end) {
                subset.add(span.slice(begin, end));
            }
            first += span.rows;
        }
        return List.copyOf(subset);
    }

    /** All of them but the row of {@code gone}, if it is there. */
    public static List<Span> without(List<Span> spans, Span gone) {
        int first = 0;
        for (Span span : spans) {
            if (span.contains(gone)) {
                int row = first;
                for (int at = span.from; at < gone.from; at = CopyFormat.skipRows(span.bytes, at, 1)) {
                    row++;
                }
                List<Span> rest = new ArrayList<>(subset(spans, 0, row));
                rest.addAll(subset(spans, row + 1, rows(spans)));
                return List.copyOf(rest);
            }
            first += span.rows;
        }
        return spans;
    }

    public static boolean contains(List<Span> spans, Span row) {
        return spans.stream().anyMatch(span -> span.contains(row));
    }

    @SuppressWarnings("ReferenceEquality") // where it is, and not what it is
    private boolean contains(Span row) {
        return bytes == row.bytes && from <= row.from && row.to <= to;
    }

    private Span slice(int begin, int end) {
        if (begin == 0 && end == rows) {
            return this;
        }
        int start = CopyFormat.skipRows(bytes, from, begin);
        int stop = end == rows ? to : CopyFormat.skipRows(bytes, start, end - begin);
        return new Span(bytes, start, stop, end - begin, parts, first + begin);
    }
}
