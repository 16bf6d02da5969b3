package dev.sluice.store.schema;

/** What the owner of the database may have set that costs events, or their durability, without any error. */
public enum DatabaseFinding {
    /** A crash of the server empties an unlogged table, with what was acknowledged. */
    UNLOGGED_TABLE,
    /** A trigger may change rows or leave them out. */
    TRIGGER,
    /** Row-level security may refuse rows. */
    ROW_SECURITY,
    /** A partition on another server is as durable as that one. */
    FOREIGN_PARTITION,
    /**
     * Beside a partition for all that has no other, no day can be removed, and none be made without reading all of it.
     */
    DEFAULT_PARTITION,
    /**
     * Somebody began to detach a partition: its rows cannot be seen, and no day can be removed until that is completed.
     */
    PENDING_DETACH,
    /** A crash of the server's machine may lose what was acknowledged, or the whole database. */
    FSYNC_OFF,
    /** A crash in the middle of a write may damage pages. */
    FULL_PAGE_WRITES_OFF,
    /** COMMIT does not wait until it is durable. */
    SYNCHRONOUS_COMMIT_OFF,
    /** The server ends a transaction that takes longer than this, and a batch with it. */
    TRANSACTION_TIMEOUT
}
