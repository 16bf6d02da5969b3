package dev.sluice.store;

import java.util.Locale;

/** What became of a dead letter that was tried again. Also the bounded value of the {@code outcome} label. */
public enum ReplayOutcome {
    /** Its events are stored, and it is gone. */
    STORED,
    /** A rule drops its events, and it is gone. */
    FILTERED,
    /** It cannot be stored now either; it stays, with the reason of now. */
    DEAD_AGAIN,
    /** Its day has no partition any more; it stays. */
    NO_PARTITION,
    /** Only a part of its frame is kept; it stays. */
    INCOMPLETE,
    /** Its frame is longer than the listener takes today; it stays. */
    TOO_LONG;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in metrics and reports. */
    public String label() {
        return label;
    }

    /** Whether the dead letter is gone. */
    public boolean isGone() {
        return this == STORED || this == FILTERED;
    }
}
