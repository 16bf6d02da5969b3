package dev.sluice.store;

import dev.sluice.event.Protocol;
import dev.sluice.event.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Some whole rows in the binary COPY format, somewhere in an array that nobody changes.
 *
 * @param parts the deliveries of the parcel that the rows are of; none for what is not of a parcel
 * @param first how many event rows of {@code parts} stand before these
 */
record Span(byte[] bytes, int from, int to, int rows, List<Rows.Part> parts, int first) {

    /** All of {@code bytes}. */
    static Span of(byte[] bytes, int rows) {
        return new Span(bytes, 0, bytes.length, rows, List.of(), 0);
    }

    /** The event rows of a parcel. */
    static List<Span> events(Rows rows) {
        List<Span> spans = new ArrayList<>();
        int first = 0;
        for (Rows.Piece piece : rows.pieces()) {
            spans.add(new Span(piece.bytes(), 0, piece.length(), piece.rows(), rows.parts(), first));
            first += piece.rows();
        }
        return List.copyOf(spans);
    }

    /** What the first row came in. */
    Optional<Protocol> protocol() {
        int before = 0;
        for (Rows.Part part : parts) {
            before += part.events();
            if (first < before) {
                return Optional.of(part.delivery().origin().protocol());
            }
        }
        return Optional.empty();
    }

    int length() {
        return to - from;
    }

    static int rows(List<Span> spans) {
        int rows = 0;
        for (Span span : spans) {
            rows += span.rows;
        }
        return rows;
    }

    /** The rows {@code [from, to)} of {@code spans}, without copying any. */
    static List<Span> subset(List<Span> spans, int from, int to) {
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

    private Span slice(int begin, int end) {
        if (begin == 0 && end == rows) {
            return this;
        }
        int start = CopyFormat.skipRows(bytes, from, begin);
        int stop = end == rows ? to : CopyFormat.skipRows(bytes, start, end - begin);
        return new Span(bytes, start, stop, end - begin, parts, first + begin);
    }
}
