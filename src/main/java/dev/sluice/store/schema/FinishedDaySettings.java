package dev.sluice.store.schema;

import java.time.Duration;
import java.util.List;

/**
 * What days get when they are over, and what that may cost.
 *
 * @param indexes those that are built
 * @param after how long after its end by UTC, and after the last row that came for it, a day is over
 * @param memoryKilobytes {@code maintenance_work_mem} of a build
 * @param timeout how long one build may take
 * @param retention how long days are kept: those that will go while an index is built get none
 */
public record FinishedDaySettings(
        List<DayIndex> indexes, Duration after, long memoryKilobytes, Duration timeout, Duration retention) {}
