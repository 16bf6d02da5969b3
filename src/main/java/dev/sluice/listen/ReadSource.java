package dev.sluice.listen;

/**
 * What the connections of one source hold of the read share together, guarded by the lock of the budget; and what of
 * theirs waits for the rail, guarded by the lock of the {@link Intake}.
 */
final class ReadSource {

    /** What may wait of a source that has little in line: as much as of one connection. */
    static final int LITTLE_BYTES = ReadAllowance.AHEAD_BYTES;

    private final String name;
    private int connections;
    private long heldBytes;
    private long bytesInLine;
    private boolean hasMuchInLine;

    ReadSource(String name) {
        this.name = name;
    }

    String name() {
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

    /** {@code bytes} more of it wait. */
    void joinsLine(int bytes) {
        bytesInLine += bytes;
        hasMuchInLine |= bytesInLine > LITTLE_BYTES;
    }

    /** {@code bytes} of it wait no longer. */
    void leavesLine(int bytes) {
        bytesInLine -= bytes;
        hasMuchInLine &= bytesInLine > 0;
    }

    /** Whether much of it waits, or did and is not all gone: it changes the line seldom. */
    boolean hasMuchInLine() {
        return hasMuchInLine;
    }
}
