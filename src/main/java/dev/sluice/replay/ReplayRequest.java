package dev.sluice.replay;

import dev.sluice.store.DeadLetterFilter;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which dead letters are to be replayed.
 *
 * @param examples so many of them are shown
 */
public record ReplayRequest(DeadLetterFilter filter, int examples) {

    /** What a request may say of the dead letters. */
    public static final List<String> NAMES =
            List.of("id", "reason", "source", "listener", "protocol", "since", "until", "limit", "examples");

    private static final int EXAMPLES = 10;
    private static final int EXAMPLES_MAX = 100;
    private static final List<String> COLUMNS = List.of("id", "reason", "source", "listener", "protocol");

    /**
     * Reads what was written.
     *
     * @throws IllegalArgumentException with a message for who wrote it
     */
    public static ReplayRequest of(Map<String, String> written) {
        Map<String, String> columns = new LinkedHashMap<>();
        for (Map.Entry<String, String> each : written.entrySet()) {
            if (!NAMES.contains(each.getKey())) {
                throw new IllegalArgumentException(
                        each.getKey() + " is unknown; a replay takes " + String.join(", ", NAMES));
            }
            if (each.getValue().isEmpty()) {
                throw new IllegalArgumentException(each.getKey() + " has no value");
            }
            if (COLUMNS.contains(each.getKey())) {
                columns.put(each.getKey(), each.getValue());
            }
        }
        columns.computeIfPresent("id", (name, value) -> id(value));
        Instant since = time("since", written.get("since"));
        Instant until = time("until", written.get("until"));
        if (since != null && until != null && !since.isBefore(until)) {
            throw new IllegalArgumentException("since is not before until");
        }
        long limit = number("limit", written.get("limit"), 1, Long.MAX_VALUE, Long.MAX_VALUE);
        long examples = number("examples", written.get("examples"), 0, EXAMPLES_MAX, EXAMPLES);
        return new ReplayRequest(new DeadLetterFilter(columns, since, until, limit), (int) examples);
    }

    private static String id(String value) {
        try {
            return UUID.fromString(value).toString();
        } catch (IllegalArgumentException none) {
            throw new IllegalArgumentException("id is \"" + value + "\", expected a UUID", none);
        }
    }

    private static @Nullable Instant time(String name, @Nullable String value) {
        if (value == null) {
            return null;
        }
        try {
            return value.indexOf('T') < 0
                    ? LocalDate.parse(value).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : OffsetDateTime.parse(value).toInstant();
        } catch (DateTimeException none) {
            throw new IllegalArgumentException(
                    name + " is \"" + value + "\", expected a time like 2026-11-28T20:15:00Z, or a day of UTC", none);
        }
    }

    private static long number(String name, @Nullable String value, long min, long max, long otherwise) {
        if (value == null) {
            return otherwise;
        }
        try {
            long number = Long.parseLong(value);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException none) {
            throw new IllegalArgumentException(name + " is \"" + value + "\", expected a number", none);
        }
        throw new IllegalArgumentException(name + " is " + value + ", expected "
                + (max == Long.MAX_VALUE ? "at least " + min : min + " to " + max));
    }
}
