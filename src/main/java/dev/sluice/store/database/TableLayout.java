package dev.sluice.store.database;

/** Who makes the days of {@code log_event}, and removes them. */
public enum TableLayout {
    /** Sluice does, by PostgreSQL's own partitions. */
    NATIVE,
    /** Sluice does, and the table is distributed by Citus, which takes some of its statements in other forms. */
    CITUS,
    /** Somebody else does, by whatever means; Sluice only looks whether rows have a place. */
    EXTERNAL
}
