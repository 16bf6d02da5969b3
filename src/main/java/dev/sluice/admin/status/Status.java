package dev.sluice.admin.status;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the service is at one moment, as JSON has it. Totals are since the start: the page makes rates of two of them.
 *
 * @param readiness why the service is not ready until an operator repairs something; null while it is
 * @param findings what the database's owner set that may cost events
 */
record Status(
        Instant at,
        long upMillis,
        String version,
        String revision,
        @Nullable String readiness,
        Map<String, String> findings,
        Totals totals,
        Stages stages,
        Budget budget,
        List<LaneRow> lanes,
        List<ListenerRow> listeners,
        Connections connections,
        List<SourceRow> sources,
        List<ThrottledRow> throttled,
        Map<String, Long> deadLetters,
        Partitions partitions,
        Map<String, ?> rules) {

    /** What came and what became of it. */
    record Totals(
            long receivedBytes,
            long receivedEvents,
            long storedEvents,
            long filteredEvents,
            long deduplicatedEvents,
            long deadLetters,
            long acknowledgements,
            long retries) {}

    /**
     * Who holds the others up.
     *
     * @param busy the share of each stage's capacity that is used, 0 to 1
     */
    record Stages(String bottleneck, Map<String, Double> busy, double oldestUnackedSeconds) {}

    /** Bytes that are read and not yet stored. */
    record Budget(long inFlight, long incomplete, long limit) {}

    /** A connection to the database that writes. */
    record LaneRow(String state, long busyMillis, @Nullable String halted) {}

    /**
     * A port.
     *
     * @param certificateSeconds how long its certificate is still good; null without TLS
     */
    record ListenerRow(
            String name,
            int port,
            long connections,
            long limit,
            @Nullable Long certificateSeconds) {}

    /**
     * Who is connected.
     *
     * @param rows those with the most bytes, and those who wait before others
     * @param more how many connections no row stands for
     */
    record Connections(int open, List<ConnectionRow> rows, int more) {}

    /**
     * Connections of one source to one listener that speak the same and wait for the same.
     *
     * @param waits what they wait for; null while they may send
     * @param millis how long the one waits that has waited longest; or how long the last that sent has been quiet
     */
    record ConnectionRow(
            String source,
            String listener,
            String protocol,
            int count,
            @Nullable String waits,
            long millis,
            long bytes) {}

    /** What a source sent since the start. */
    record SourceRow(String source, long bytes) {}

    /** How long a source had to wait since the start. */
    record ThrottledRow(String source, double seconds) {}

    /**
     * Where rows find a place and how long they stay.
     *
     * @param horizonSeconds for how long there are partitions; null before the first look
     * @param overdueDays days that are too old and still there; null before the first look
     */
    record Partitions(
            @Nullable Double horizonSeconds,
            @Nullable Double overdueDays,
            long retentionDays,
            String retentionAction) {}
}
