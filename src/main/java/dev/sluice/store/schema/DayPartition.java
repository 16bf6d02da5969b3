package dev.sluice.store.schema;

import static java.time.ZoneOffset.UTC;

import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;

/** One day of {@code log_event}, by UTC, and the statement that makes its partition. */
record DayPartition(LocalDate day) {

    private static final String PREFIX = "log_event_";

    /** The day that an instant falls into. */
    static DayPartition of(Instant instant) {
        return new DayPartition(LocalDate.ofInstant(instant, UTC));
    }

    /** The name that its table has, unless something else has it already. */
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
     * EXCLUSIVE on {@code log_event}: it would wait for one long reader, and every COPY for it. ATTACH takes SHARE
     * UPDATE EXCLUSIVE, which lets COPY pass. The new table is empty, so ATTACH has nothing to scan; a CHECK that says
     * the same as the bounds would only be evaluated for every row from then on.
     *
     * <p>A table that is there already is somebody's: restored, or detached to be kept. The day gets another name then.
     * What is made is noted, because only that may be removed later.
     *
     * @param part of the day; all of it, where nobody made a partition for some hours
     */
    String createSql(long lock, PartitionCatalog.Gap part) {
        return """
               do $make$ declare
                 made text := '{home}.%2$s';
                 others integer := 0;
               begin
                 perform pg_advisory_xact_lock(%1$d);
                 if exists (select from (%7$s) p where p.begins < %6$d and p.ends > %5$d) then
                   return;
                 end if;
                 while to_regclass(made) is not null loop
                   others := others + 1;
                   made := '{home}.%2$s_' || others;
                 end loop;
                 execute format('create table %%s (like {home}.log_event including all)', made);
                 execute format('alter table {home}.log_event attach partition %%s for values from (%%L) to (%%L)',
                                made, '%3$s', '%4$s');
                 insert into {home}.log_event_day (relid, day, made_at, written_at, inserts, bytes)
                 values (made::regclass, '%8$s', clock_timestamp(), clock_timestamp(), 0, 0);
               end $make$""".formatted(
                        lock,
                        table(),
                        part.begin(),
                        part.end(),
                        part.begin().getEpochSecond(),
                        part.end().getEpochSecond(),
                        PartitionCatalog.QUERY,
                        day);
    }

    /** Whether a table of the day's name is there, attached or not. */
    String isNameTakenSql() {
        return "select to_regclass('{home}." + table() + "') is not null";
    }
}
