package dev.sluice.store.database;

/** Who makes the days of {@code log_event}, and removes them. */
public enum TableLayout {
    /** Sluice does, by PostgreSQL's own partitions. */
    NATIVE,
    /** Somebody else does, by whatever means; Sluice only looks whether rows have a place. */
    EXTERNAL
}
