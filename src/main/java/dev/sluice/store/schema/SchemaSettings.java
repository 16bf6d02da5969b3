package dev.sluice.store.schema;

/**
 * Who does what with the tables.
 *
 * @param owner migrates them, makes and removes days
 * @param writer stores rows
 * @param migrate whether the service brings the tables up to date; else their owner does, and a start only looks
 */
public record SchemaSettings(DatabaseAccount owner, DatabaseAccount writer, boolean migrate) {

    boolean areTwo() {
        return !owner.user().equals(writer.user());
    }
}
