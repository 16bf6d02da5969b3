package dev.sluice.store.schema;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;

/**
 * Which migrations the tables have. Each from the fourth on notes itself in {@code applied_migration}, whoever applies
 * it: Flyway's own history knows only what Flyway did.
 */
final class SchemaVersion {

    /** In {@code db/migration}, in their order; the first is version 1. */
    static final List<String> FILES = List.of(
            "V1__log_event.sql",
            "V2__ingest_delivery.sql",
            "V3__retention.sql",
            "V4__applied_migration.sql",
            "V5__archive.sql");

    /** The first file that notes itself. */
    static final int NOTES_ITSELF = 4;

    private static final String NOTED = "select coalesce(max(version), 0) from \"{schema}\".applied_migration";

    /** Before the fourth nothing was noted, but each made a table. */
    private static final String BY_TABLES = """
            select case when to_regclass('"{schema}".applied_migration') is not null then 4
                        when to_regclass('"{schema}".retention_pass') is not null then 3
                        when to_regclass('"{schema}".ingest_delivery') is not null then 2
                        else 1 end""";

    private SchemaVersion() {}

    /** The newest that the tables of a schema have. */
    static int of(DataSource database, String schema) throws SQLException {
        try (Connection connection = database.getConnection()) {
            int version = number(connection, BY_TABLES.replace("{schema}", schema));
            return version < NOTES_ITSELF ? version : number(connection, NOTED.replace("{schema}", schema));
        }
    }

    /** What they lack. */
    static List<String> missing(int version) {
        return FILES.subList(Math.min(version, FILES.size()), FILES.size());
    }

    private static int number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getInt(1);
        }
    }
}
