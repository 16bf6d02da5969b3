package dev.sluice.config;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.sluice.listen.admission.Descriptors;
import java.lang.management.ManagementFactory;
import java.util.Optional;

/**
 * What must fit under the process's limit of open files, compared at start-up. A limit that is lower than the
 * listeners' {@code max-connections} need not end a start: few installations have as many shippers. So it is said, and
 * in effect there are fewer connections; without room for any the start is refused.
 *
 * @param max the limit
 * @param kept for lanes, the HTTP port, event loops and files
 * @param open what is open already
 * @param connections what the listeners may take
 */
public record DescriptorCeiling(long max, long open, int kept, long connections) {

    /** An event loop has an instance of epoll, a timer, and a descriptor to be woken by. */
    private static final int OF_EVENT_LOOP = 3;

    /** Files that are read and closed again, such as classes, certificates and what the kernel says of the process. */
    private static final int FILES = 32;

    /**
     * How many are not for shippers.
     *
     * @param hosts servers of the database
     * @param loops event loops of the listeners
     * @param httpConnections connections of the HTTP port
     */
    public static int kept(SluiceProperties properties, int hosts, int loops, int httpConnections) {
        int lanes = properties.store().lanes();
        // the keeper's and a replay's are two more; a search asks all hosts at once
        int sessions = (lanes + 2) * (1 + hosts);
        int eventLoops = (1 + loops) + (1 + lanes) + 2 + 2;
        return sessions + httpConnections + 1 + properties.listeners().size() + OF_EVENT_LOOP * eventLoops + FILES;
    }

    /** What this process has, where the system tells. */
    public static Optional<Descriptors.Files> ofThisProcess() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? Optional.of(new OfProcess(system))
                : Optional.empty();
    }

    /** Compares what is {@code kept}, and what the listeners may take, with the limit. */
    public static DescriptorCeiling of(ConnectionLimits limits, Descriptors.Files files, int kept) {
        return new DescriptorCeiling(files.max(), files.open(), kept, limits.sum());
    }

    /** How many connections there may be in effect. */
    long room() {
        return Math.min(connections, max - open - kept);
    }

    /** Whether there may be as many connections as the listeners may take. */
    public boolean fits() {
        return room() == connections;
    }

    /** Refuses a limit that leaves nothing to shippers. */
    public void requireRoom() {
        if (room() < 1) {
            throw new StartupException(
                    "The process may have " + this + ", so there is no room for a shipper.",
                    "Give it more (ulimit -n, LimitNOFILE), at least " + (open + kept + connections)
                            + " for all of them.");
        }
    }

    /** What there is to say when it does not fit. */
    public String advice() {
        return "The process may have " + this + ", so there is room for " + room() + ": more are refused"
                + " (sluice_connections_rejected_total, descriptors). Give it " + (open + kept + connections)
                + " (ulimit -n, LimitNOFILE), or lower sluice.listeners.*.max-connections.";
    }

    @Override
    public String toString() {
        return max + " files open; " + open + " are, " + kept + " are kept for lanes, the HTTP port and files, and"
                + " sluice.listeners.*.max-connections is " + connections;
    }

    private record OfProcess(UnixOperatingSystemMXBean system) implements Descriptors.Files {
        @Override
        public long open() {
            try {
                return system.getOpenFileDescriptorCount();
            } catch (InternalError noneLeft) { // it opens a directory to count
                return max();
            }
        }

        @Override
        public long max() {
            return system.getMaxFileDescriptorCount();
        }
    }
}
