package dev.sluice.store.schema;

import dev.sluice.store.database.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/**
 * An empty table with the columns of {@code log_event} and the indexes that days are to get, within a transaction that
 * is rolled back. PostgreSQL says by it whether they are possible, and how it writes them itself.
 */
final class IndexProbe {

    private final String table = "{home}.log_event_probe_"
            + UUID.randomUUID().toString().replace("-", "").substring(0, 16);
    private final List<DayIndex> indexes;

    IndexProbe(List<DayIndex> indexes) {
        this.indexes = indexes;
    }

    String tableSql() {
        return "create table " + table + " (like {home}.log_event)";
    }

    /** One statement for each index, in their order. */
    List<String> indexSql() {
        return IntStream.range(0, indexes.size())
                .mapToObj(place -> "create index " + name(place).replace("{home}.", "") + " on " + table + " "
                        + indexes.get(place).definition())
                .toList();
    }

    private String name(int place) {
        return table + "_" + place;
    }

    /** Place, end of the name, and definition as PostgreSQL writes it; while the transaction lasts. */
    String definitionsSql() {
        StringBuilder values = new StringBuilder();
        for (int place = 0; place < indexes.size(); place++) {
            values.append(place == 0 ? "" : ", ")
                    .append("(%d, '%s', '%s'::regclass)"
                            .formatted(place, indexes.get(place).suffix(), name(place)));
        }
        return "select place, suffix, " + definitionSql("probe") + " as definition from (values " + values
                + ") as probes (place, suffix, probe)";
    }

    /** What follows the names of index and table. */
    static String definitionSql(String index) {
        return "regexp_replace(pg_get_indexdef(" + index + "), '^.*? USING ', '')";
    }

    /**
     * Looks before the first event whether they can be built.
     *
     * @throws SchemaMigrationException when one cannot
     */
    void require(DataSource owner, String schema, String who) throws SQLException {
        String home = Privileges.quoted(schema);
        try (Connection connection = owner.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(tableSql().replace("{home}", home));
            for (int place = 0; place < indexes.size(); place++) {
                require(statement, indexes.get(place), indexSql().get(place).replace("{home}", home), who);
            }
            connection.rollback();
        }
    }

    private static void require(Statement statement, DayIndex index, String sql, String who) throws SQLException {
        try {
            statement.execute(sql);
        } catch (SQLException refused) {
            String state = refused.getSQLState();
            if (state == null || (!state.startsWith("42") && !state.startsWith("0A"))) {
                throw refused;
            }
            throw new SchemaMigrationException(
                    "sluice.store.finished-days.indexes has " + index.text() + ", and PostgreSQL refuses the user "
                            + who
                            + " the index \"" + index.definition() + "\": " + firstLine(refused) + "."
                            + (index.definition().contains("gin_trgm_ops")
                                    ? "\nHave an administrator run in that database: CREATE EXTENSION pg_trgm"
                                    : ""),
                    refused);
        }
    }

    /** The rest is a position in a statement that nobody wrote. */
    private static String firstLine(SQLException refused) {
        return Reason.of(refused).lines().findFirst().orElse("");
    }
}
