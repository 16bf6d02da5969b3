package dev.sluice.store.copy;

import static java.time.ZoneOffset.UTC;

import dev.sluice.store.schema.Partitions;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongUnaryOperator;

/**
 * The {@code received_at} of event rows, which is also their {@code event_at} where they had none. Only for rows that
 * found no partition; clarity before speed.
 */
public final class RowTimes {

    private RowTimes() {}

    /** The days of the rows, by UTC. */
    public static Set<LocalDate> days(List<Span> spans) {
        Set<LocalDate> days = new TreeSet<>();
        change(spans, micros -> {
            days.add(LocalDate.ofInstant(instant(micros), UTC));
            return micros;
        });
        return days;
    }

    /**
     * Gives the rows whose time cannot be stored the present one, in their order; returns how many there were. The rows
     * are changed where they lie, so nobody may be writing them: not even the attempt that failed.
     */
    public static int stampAnew(List<Span> spans, Partitions.StorableTimes times) {
        long from = micros(times.from());
        long until = micros(times.until());
        long now = micros(times.now());
        int[] stamped = {0};
        change(spans, micros -> micros >= from && micros < until ? micros : now + stamped[0]++);
        return stamped[0];
    }

    private static void change(List<Span> spans, LongUnaryOperator change) {
        for (Span span : spans) {
            byte[] bytes = span.bytes();
            int row = span.from();
            for (int i = 0; i < span.rows(); i++) {
                int at = row + Short.BYTES + Integer.BYTES; // the first two columns are times and never null
                int eventAt = at + Long.BYTES + Integer.BYTES;
                long time = CopyFormat.longAt(bytes, at);
                long changed = CopyFormat.timestamptz(change.applyAsLong(CopyFormat.epochMicros(time)));
                if (changed != time) {
                    CopyFormat.putLong(bytes, at, changed);
                    if (CopyFormat.longAt(bytes, eventAt) == time) {
                        CopyFormat.putLong(bytes, eventAt, changed); // the event had no time of its own
                    }
                }
                row = CopyFormat.skipRows(bytes, row, 1);
            }
        }
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }
}
