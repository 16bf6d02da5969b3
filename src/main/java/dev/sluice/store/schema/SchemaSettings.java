package dev.sluice.store.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who does what with the tables.
 *
 * @param owner migrates them, makes and removes days
 * @param writer stores rows
 * @param archive the schema that old days are moved to; null where they are dropped
 * @param indexes what days get when they are over
 * @param migrate whether the service brings the tables up to date; else their owner does, and a start only looks
 */
public record SchemaSettings(
        DatabaseAccount owner,
        DatabaseAccount writer,
        @Nullable String archive,
        List<DayIndex> indexes,
        boolean migrate) {

    boolean areTwo() {
        return !owner.user().equals(writer.user());
    }
}
