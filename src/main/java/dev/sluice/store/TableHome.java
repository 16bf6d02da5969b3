package dev.sluice.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The schema of the tables, found once at the start: every statement names it from then on. A schema that somebody put
 * before theirs in the search path, or that has the name of the role, would otherwise get new and empty ones, or what a
 * running service writes.
 */
public final class TableHome {

    /** Stands in the SQL of the keeper for the schema, also within a text. */
    private static final String NAME = "{home}";

    /** Schemas of the search path that have the tables, in its order. */
    private static final String QUERY = """
            select n.nspname
            from unnest(current_schemas(false)) with ordinality as path (name, place)
            join pg_namespace n on n.nspname = path.name
            where exists (select from pg_class c
                          where c.relnamespace = n.oid and c.relname = 'log_event' and c.relkind = 'p')
              and exists (select from pg_class c where c.relnamespace = n.oid and c.relname = 'ingest_batch')
            order by path.place""";

    private volatile @Nullable String schema;

    /** The schema of that name; it is looked for in the search path where it is null. */
    public TableHome(@Nullable String schema) {
        this.schema = schema == null ? null : checked(schema);
    }

    /** What comes before the name of a table in SQL. */
    String prefix() {
        return quoted() + ".";
    }

    /** The SQL with the name of the schema in its place. */
    String in(String sql) {
        return sql.replace(NAME, quoted());
    }

    /** Looks for the tables, unless it is known where they are; nothing where there are none yet. */
    Optional<String> find(DataSource database) throws SQLException {
        if (schema == null) {
            schema = look(database);
        }
        return Optional.ofNullable(schema);
    }

    private static @Nullable String look(DataSource database) throws SQLException {
        List<String> schemas = new ArrayList<>();
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(QUERY)) {
            while (rows.next()) {
                schemas.add(checked(rows.getString(1)));
            }
        }
        if (schemas.size() > 1) {
            throw new IllegalStateException("they are in more than one schema of the search path: "
                    + String.join(", ", schemas) + "; let it name one of them"
                    + " (ALTER ROLE .. IN DATABASE .. SET search_path, or schema=.. in spring.r2dbc.url)");
        }
        return schemas.isEmpty() ? null : schemas.getFirst();
    }

    /** It stands within texts of SQL, too. */
    private static String checked(String name) {
        if (name.isBlank() || name.chars().anyMatch(c -> "'\"%{".indexOf(c) >= 0)) {
            throw new IllegalStateException("the schema of the tables is <" + name
                    + ">; a name with a quote, a percent sign or a brace is not supported");
        }
        return name;
    }

    private String quoted() {
        String known = schema;
        if (known == null) {
            throw new IllegalStateException("nobody has looked for the tables yet");
        }
        return '"' + known + '"';
    }
}
