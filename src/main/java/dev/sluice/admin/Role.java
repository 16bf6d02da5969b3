package dev.sluice.admin;

/** What a user may do. */
public enum Role {
    /** See contents of logs. */
    LOOK,
    /** Have dead letters stored anew. */
    REPLAY
}
