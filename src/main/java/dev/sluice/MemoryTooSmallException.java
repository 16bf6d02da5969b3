package dev.sluice;

/** The JVM's memory cannot hold what the configuration may come to hold; the message names the numbers. */
final class MemoryTooSmallException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    MemoryTooSmallException(MemoryCeiling ceiling, long heapMax, long directMax) {
        super("The memory ceiling is " + ceiling + ", but the JVM has heap " + MemoryCeiling.megabytes(heapMax)
                + " and direct " + MemoryCeiling.megabytes(directMax)
                + ". Give it more (-Xmx, -XX:MaxDirectMemorySize), or lower sluice.pipeline.memory,"
                + " sluice.listeners.*.max-connections or max-frame.");
    }
}
