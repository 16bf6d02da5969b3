package dev.sluice.store.schema;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/**
 * Which migrations the tables have. Each from the fourth on notes itself in {@code applied_migration}, also when it is
 * applied by psql: Flyway's own history knows only what Flyway did.
 */
final class SchemaVersion {

    /** In {@code db/migration}, in their order; the first is version 1. */
    static final List<String> FILES = List.of(
            "V1__log_event.sql",
            "V2__ingest_delivery.sql",
            "V3__retention.sql",
            "V4__applied_migration.sql",
            "V5__archive.sql",
            "V6__logs.sql",
            "V7__replay.sql",
            "V8__logs_tail.sql");

    /** The first file that notes itself. */
    static final int NOTES_ITSELF = 4;

    /** Before the fourth nothing was noted, but each made a table. */
    private static final String BY_TABLES = """
            select 1 where to_regclass('"{schema}".log_event') is not null
            union all select 2 where to_regclass('"{schema}".ingest_delivery') is not null
            union all select 3 where to_regclass('"{schema}".retention_pass') is not null
            union all select 4 where to_regclass('"{schema}".applied_migration') is not null""";

    private static final String NOTED =
            "select version from \"{schema}\".applied_migration where version >= " + NOTES_ITSELF;

    private SchemaVersion() {}

    /** Those that the tables of a schema have. */
    static Set<Integer> of(DataSource database, String schema) throws SQLException {
        try (Connection connection = database.getConnection()) {
            Set<Integer> versions = numbers(connection, BY_TABLES.replace("{schema}", schema));
            if (versions.remove(NOTES_ITSELF)) {
                versions.addAll(numbers(connection, NOTED.replace("{schema}", schema)));
            }
            return versions;
        }
    }

    /** The files that they lack. */
    static List<String> missing(Set<Integer> versions) {
        return IntStream.range(0, FILES.size())
                .filter(i -> !versions.contains(i + 1))
                .mapToObj(FILES::get)
                .toList();
    }

    private static Set<Integer> numbers(Connection connection, String sql) throws SQLException {
        Set<Integer> numbers = new TreeSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                numbers.add(rows.getInt(1));
            }
        }
        return numbers;
    }
}
