package dev.sluice.listen;

/** What the connections of one source hold of the read share together. Guarded by the lock of the budget. */
final class ReadSource {

    private final String name;
    private int connections;
    private long heldBytes;

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
}
