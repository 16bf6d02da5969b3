package dev.sluice.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Where the tables are already. A schema that somebody put before theirs in the search path, or that has the name of
 * the role, would otherwise get new and empty ones.
 */
final class TableHome {

    /** Schemas of the search path that have the tables, in its order. */
    private static final String QUERY = """
            select n.nspname
            from unnest(current_schemas(false)) with ordinality as path (name, place)
            join pg_namespace n on n.nspname = path.name
            where exists (select from pg_class c
                          where c.relnamespace = n.oid and c.relname = 'log_event' and c.relkind = 'p')
              and exists (select from pg_class c where c.relnamespace = n.oid and c.relname = 'ingest_batch')
            order by path.place""";

    private TableHome() {}

    /** The schema of the tables; empty where there are none yet. */
    static Optional<String> of(DataSource database) throws SQLException {
        List<String> schemas = new ArrayList<>();
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(QUERY)) {
            while (rows.next()) {
                schemas.add(rows.getString(1));
            }
        }
        if (schemas.size() > 1) {
            throw new IllegalStateException("they are in more than one schema of the search path: "
                    + String.join(", ", schemas) + "; let it name one of them"
                    + " (ALTER ROLE .. IN DATABASE .. SET search_path)");
        }
        return schemas.stream().findFirst();
    }
}
