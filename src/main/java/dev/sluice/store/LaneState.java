package dev.sluice.store;

/** What a lane is doing. */
public enum LaneState {
    /** It waits for a batch. */
    IDLE,
    /** It has a batch and no connection yet. */
    CONNECTING,
    /** It writes a batch. */
    WRITING,
    /** It waits before it tries its batch again. */
    BACKING_OFF,
    /** As {@link #BACKING_OFF}, but only an operator can repair the cause. */
    HALTED,
    /** It writes no more. */
    CLOSED
}
