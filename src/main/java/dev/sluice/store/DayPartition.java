package dev.sluice.store;

import static java.time.ZoneOffset.UTC;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** One day of {@code log_event}, by UTC: the name of its table and the statements that make and remove it. */
record DayPartition(LocalDate day) {

    private static final String PREFIX = "log_event_";

    /** The day that an instant falls into. */
    static DayPartition of(Instant instant) {
        return new DayPartition(LocalDate.ofInstant(instant, UTC));
    }

    /** Reads a table's name; empty when it is none of ours. */
    static Optional<DayPartition> named(String table) {
        try {
            return table.startsWith(PREFIX)
                    ? Optional.of(new DayPartition(
                            LocalDate.parse(table.substring(PREFIX.length()), DateTimeFormatter.BASIC_ISO_DATE)))
                    : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    String table() {
        return PREFIX + DateTimeFormatter.BASIC_ISO_DATE.format(day);
    }

    Instant begin() {
        return day.atStartOfDay(UTC).toInstant();
    }

    Instant end() {
        return day.plusDays(1).atStartOfDay(UTC).toInstant();
    }

    /**
     * Makes the table by itself and attaches it. CREATE TABLE .. PARTITION OF would do it in one, but takes ACCESS
     * EXCLUSIVE on {@code log_event}: behind one long reader it would wait, and every COPY behind it. ATTACH takes
     * SHARE UPDATE EXCLUSIVE, which lets COPY pass. The new table is empty, so ATTACH has nothing to scan; a CHECK that
     * says the same as the bounds would only be evaluated for every row from then on. A table that is there but was
     * detached is attached again.
     */
    String createSql(long lock) {
        return """
               do $$ begin
                 perform pg_advisory_xact_lock(%1$d);
                 if not exists (select from pg_inherits where inhrelid = to_regclass('%2$s')) then
                   create table if not exists %2$s (like log_event including all);
                   alter table log_event attach partition %2$s for values from ('%3$s') to ('%4$s');
                 end if;
               end $$""".formatted(lock, table(), begin(), end());
    }

    /** Lets COPY pass, unlike a plain DETACH; it must not stand in a transaction. */
    String detachSql() {
        return "alter table log_event detach partition " + table() + " concurrently";
    }

    /** Completes a concurrent detach that was interrupted; until then no other can begin. */
    String finalizeSql() {
        return "alter table log_event detach partition " + table() + " finalize";
    }

    /** Only for a table that is detached: it locks {@code log_event} otherwise. */
    String dropSql() {
        return "drop table if exists " + table();
    }
}
