package dev.sluice.store;

import java.util.ArrayList;
import java.util.List;

/** Some whole rows in the binary COPY format, somewhere in an array that nobody changes. */
record Span(byte[] bytes, int from, int to, int rows) {

    static Span of(byte[] bytes, int rows) {
        return new Span(bytes, 0, bytes.length, rows);
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
        return new Span(bytes, start, CopyFormat.skipRows(bytes, start, end - begin), end - begin);
    }
}
