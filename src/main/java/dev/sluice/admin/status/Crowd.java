package dev.sluice.admin.status;

import dev.sluice.listen.report.ConnectionView;
import dev.sluice.listen.report.ListenObserver.Wait;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the connections of each source, so that ten thousand of them are a table to be read. Of so many sources at
 * most; the connections of more are only counted.
 */
final class Crowd {

    /** Rows that are shown. */
    static final int ROWS_MAX = 50;

    /** Rows that are added up. */
    static final int ROWS_KEPT = 1000;

    private final long nowNanos;
    private final Map<Key, Sum> sums = new HashMap<>();
    private int open;

    Crowd(long nowNanos) {
        this.nowNanos = nowNanos;
    }

    void add(ConnectionView view) {
        open++;
        Key key = new Key(
                view.origin().source(),
                view.origin().listener(),
                view.origin().protocol().label(),
                view.waits());
        Sum sum = sums.get(key);
        if (sum == null && sums.size() < ROWS_KEPT) {
            sum = new Sum();
            sums.put(key, sum);
        }
        if (sum != null) {
            sum.add(view, Math.max(0, nowNanos - view.lastReadNanos()));
        }
    }

    Status.Connections rows() {
        List<Status.ConnectionRow> rows = sums.entrySet().stream()
                .sorted(Comparator.comparing((Map.Entry<Key, Sum> entry) -> entry.getKey().waits == null)
                        .thenComparingLong(entry -> -entry.getValue().bytes))
                .limit(ROWS_MAX)
                .map(entry -> row(entry.getKey(), entry.getValue()))
                .toList();
        int shown = rows.stream().mapToInt(Status.ConnectionRow::count).sum();
        return new Status.Connections(open, rows, open - shown);
    }

    private static Status.ConnectionRow row(Key key, Sum sum) {
        Wait waits = key.waits;
        return new Status.ConnectionRow(
                key.source,
                key.listener,
                key.protocol,
                sum.count,
                waits == null ? null : waits.name().toLowerCase(Locale.ROOT),
                TimeUnit.NANOSECONDS.toMillis(sum.nanos),
                sum.bytes);
    }

    private record Key(
            String source,
            String listener,
            String protocol,
            @Nullable Wait waits) {}

    private static final class Sum {
        private int count;
        private long bytes;
        private long nanos;

        void add(ConnectionView view, long quietNanos) {
            boolean isLongest = view.waits() != null && quietNanos > nanos;
            boolean isLatest = view.waits() == null && quietNanos < nanos;
            if (count == 0 || isLongest || isLatest) {
                nanos = quietNanos;
            }
            count++;
            bytes += view.bytes();
        }
    }
}
