package dev.sluice.store;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters are meant.
 *
 * @param columns what these columns must be; names are those of the table, checked by who makes it
 * @param since the first {@code received_at}, or null
 * @param until the end, itself not included, or null
 * @param limit how many at most
 */
public record DeadLetterFilter(
        Map<String, String> columns,
        @Nullable Instant since,
        @Nullable Instant until,
        long limit) {

    /** A copy that nobody changes. */
    public DeadLetterFilter {
        columns = Map.copyOf(columns);
    }
}
