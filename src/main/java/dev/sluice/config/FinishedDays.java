package dev.sluice.config;

import dev.sluice.store.schema.DayIndex;
import dev.sluice.store.schema.FinishedDaySettings;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What days get when they are over. While rows come, an index costs most of what COPY can do; afterwards nothing.
 *
 * @param indexes those that are built: time, errors, host-time, host-errors, app-time, attributes, trigram, or what
 *     follows the table in CREATE INDEX
 * @param after how long after midnight by UTC, and after the last row that came for it, a day is over
 * @param memory what the server may take to build one
 * @param timeout how long one build may take
 */
public record FinishedDays(
        @DefaultValue List<String> indexes,
        @DefaultValue("1h") Duration after,
        @DefaultValue("64MB") DataSize memory,
        @DefaultValue("6h") Duration timeout) {

    private static final int INDEXES_MAX = 16;
    private static final DataSize MEMORY_MIN = DataSize.ofMegabytes(1);
    private static final DataSize MEMORY_MAX = DataSize.ofGigabytes(64);
    private static final Duration TIMEOUT_MIN = Duration.ofMinutes(1);

    /** PostgreSQL's own limit is 24 days. */
    private static final Duration TIMEOUT_MAX = Duration.ofDays(1);

    /** Refuses what can be no index. */
    public FinishedDays {
        indexes = List.copyOf(indexes);
        if (indexes.size() > INDEXES_MAX) {
            throw new IllegalArgumentException("indexes has " + indexes.size() + ", expected at most " + INDEXES_MAX);
        }
        indexes.forEach(DayIndex::of);
        if (after.isNegative()) {
            throw new IllegalArgumentException("after is " + Written.of(after) + ", expected at least 0s");
        }
        SluiceProperties.requireBetween("memory", memory, MEMORY_MIN, MEMORY_MAX);
        if (timeout.compareTo(TIMEOUT_MIN) < 0 || timeout.compareTo(TIMEOUT_MAX) > 0) {
            throw new IllegalArgumentException("timeout is " + Written.of(timeout) + ", expected between "
                    + Written.of(TIMEOUT_MIN) + " and " + Written.of(TIMEOUT_MAX));
        }
    }

    /** The same, read. */
    List<DayIndex> dayIndexes() {
        return indexes.stream().map(DayIndex::of).distinct().toList();
    }

    /** What is built, on days that are kept for so long. */
    public FinishedDaySettings settings(Duration retention) {
        return new FinishedDaySettings(dayIndexes(), after, memory.toKilobytes(), timeout, retention);
    }
}
