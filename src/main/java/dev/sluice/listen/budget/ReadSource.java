package dev.sluice.listen.budget;

import dev.sluice.listen.intake.Intake;

/**
 * What the connections of one source hold of the read share together, and what of theirs waits for the rail. Guarded by
 * the lock of the budget.
 */
public final class ReadSource {

    /** What may wait of a source that has little in line: as much as of one connection. */
    static final int LITTLE_BYTES = ReadAllowance.AHEAD_BYTES;

    private final String name;
    private int connections;
    private long heldBytes;
    private long queuedBytes;

    /** Read by the {@link Intake}, too. */
    private volatile boolean hasMuchInLine;

    ReadSource(String name) {
        this.name = name;
    }

    public String name() {
        return name;
    }

    long heldBytes() {
        return heldBytes;
    }

    void hold(long bytes) {
        heldBytes += bytes;
    }

    void joined() {
        connections++;
    }

    /** Whether that was its last connection. */
    boolean left() {
        connections--;
        return connections == 0;
    }

    long queuedBytes() {
        return queuedBytes;
    }

    /** {@code bytes} more of it wait, or less. */
    public void queue(long bytes) {
        queuedBytes += bytes;
        boolean isMuch = queuedBytes > LITTLE_BYTES || (hasMuchInLine && queuedBytes > 0);
        if (isMuch != hasMuchInLine) {
            hasMuchInLine = isMuch;
        }
    }

    /** Whether much of it waits, or did and is not all gone: it changes the line seldom. */
    public boolean hasMuchInLine() {
        return hasMuchInLine;
    }
}
