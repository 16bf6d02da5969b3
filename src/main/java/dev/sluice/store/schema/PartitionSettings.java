package dev.sluice.store.schema;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long rows stay, and how far ahead their place is made.
 *
 * @param daysAhead days after today whose partition exists; the time that PostgreSQL's operators have to mend what
 *     stops the making
 * @param retention how long events and dead letters stay; whole days, so that a partition goes as one
 * @param ledgerAge how long the ledger remembers a batch; longer than any retry
 * @param deliveryAge how long deliveries are remembered that shippers may send again
 * @param removalStep days that are removed within an hour at most: a clock or a setting that is wrong is noticed while
 *     most is still there
 * @param archive the schema that they are moved to; null where they are dropped
 */
public record PartitionSettings(
        int daysAhead,
        Duration retention,
        Duration ledgerAge,
        Duration deliveryAge,
        int removalStep,
        @Nullable String archive) {

    /** A week ahead, a month back, a day of the ledger. */
    public static final PartitionSettings DEFAULTS =
            new PartitionSettings(7, Duration.ofDays(30), Duration.ofDays(1), Duration.ofDays(1), 1, null);

    /** Whether days may be moved to a schema of this name: it stands within texts of SQL. */
    public static boolean isArchiveName(String name) {
        return name.matches("[A-Za-z0-9_]+");
    }

    /** Checks that today's events are kept. */
    public PartitionSettings {
        if (daysAhead < 1) {
            throw new IllegalArgumentException("days ahead must be at least 1, was " + daysAhead);
        }
        if (retention.toDays() < 1) {
            throw new IllegalArgumentException("retention must be at least 1 day, was " + retention);
        }
        if (ledgerAge.toHours() < 1) {
            throw new IllegalArgumentException("the ledger must reach back at least 1 hour, was " + ledgerAge);
        }
        if (removalStep < 1) {
            throw new IllegalArgumentException("the removal step must be at least 1 day, was " + removalStep);
        }
    }
}
