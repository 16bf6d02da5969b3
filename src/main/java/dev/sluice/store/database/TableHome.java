package dev.sluice.store.database;

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

    /** What the role's settings would end is tried for ever; the second one is known since PostgreSQL 17. */
    public static final String NO_TIMEOUTS = "select set_config(name, '0', false) from pg_catalog.pg_settings"
            + " where name in ('statement_timeout', 'transaction_timeout')";

    /** Stands in the SQL of the keeper for the schema, also within a text. */
    private static final String NAME = "{home}";

    /** Schemas of the search path that have the tables or one of them, in its order. */
    private static final String QUERY = """
            select n.nspname, events.relkind = any('{kinds}') and ledger.relkind is not null as complete,
                   concat_ws(', ',
                       case when events.relkind is null then 'log_event is missing'
                            when events.relkind = 'v' then 'log_event is a view'
                            when events.relkind <> 'p' then 'log_event has no partitions of PostgreSQL''s' end,
                       case when ledger.relkind is null then 'ingest_batch is missing' end) as lack,
                   events.relkind = 'r' and ledger.relkind is not null as plain
            from unnest(current_schemas(false)) with ordinality as path (name, place)
            join pg_namespace n on n.nspname = path.name
            left join pg_class events on events.relnamespace = n.oid and events.relname = 'log_event'
            left join pg_class ledger on ledger.relnamespace = n.oid and ledger.relname = 'ingest_batch'
            where events.relkind = 'p' or ledger.relkind is not null
            order by path.place""";

    private static final String NAME_ONE = "let the search path name the schema of Sluice's alone"
            + " (ALTER ROLE .. IN DATABASE .. SET search_path, or schema=.. in spring.r2dbc.url)";

    private static final String IF_CHANGED =
            "Somebody renamed, moved or replaced a table: undo that. If these tables are not Sluice's, " + NAME_ONE;

    private static final String IF_PLAIN = "Where others partition it, TimescaleDB for example, set"
            + " sluice.store.layout=external; else put the table back that was there before";

    private final TableLayout layout;
    private volatile @Nullable String schema;

    /** The schema of that name; it is looked for in the search path where it is null. */
    public TableHome(@Nullable String schema) {
        this(schema, TableLayout.NATIVE);
    }

    /** As the other one, where the days may be made by others. */
    public TableHome(@Nullable String schema, TableLayout layout) {
        this.layout = layout;
        this.schema = schema == null ? null : checked(schema);
    }

    /** Who makes the days of {@code log_event}. */
    public TableLayout layout() {
        return layout;
    }

    /** What comes before the name of a table in SQL. */
    public String prefix() {
        return quoted() + ".";
    }

    /** The SQL with the name of the schema in its place. */
    public String in(String sql) {
        return sql.replace(NAME, quoted());
    }

    /** Looks for the tables, unless it is known where they are; nothing where there are none yet. */
    public Optional<String> find(DataSource database) throws SQLException {
        if (schema == null) {
            schema = look(database, layout);
        }
        return Optional.ofNullable(schema);
    }

    private static @Nullable String look(DataSource database, TableLayout layout) throws SQLException {
        List<String> schemas = new ArrayList<>();
        List<String> incomplete = new ArrayList<>();
        boolean onlyPlain = true;
        String kinds = layout == TableLayout.EXTERNAL ? "{p,r}" : "{p}"; // what extensions partition is a plain table
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(QUERY.replace("{kinds}", kinds))) {
            while (rows.next()) {
                String name = checked(rows.getString("nspname"));
                if (rows.getBoolean("complete")) {
                    schemas.add(name);
                } else {
                    incomplete.add("in schema " + name + ", " + rows.getString("lack") + renamed(connection, name));
                    onlyPlain &= rows.getBoolean("plain");
                }
            }
        }
        if (schemas.size() > 1) {
            throw new IllegalStateException("they are in more than one schema of the search path: "
                    + String.join(", ", schemas) + "; " + NAME_ONE);
        }
        if (schemas.isEmpty() && !incomplete.isEmpty()) {
            throw new IllegalStateException(String.join("; ", incomplete) + ". " + (onlyPlain ? IF_PLAIN : IF_CHANGED));
        }
        return schemas.isEmpty() ? null : schemas.getFirst();
    }

    /** What the table is called now that once was log_event. */
    private static String renamed(Connection connection, String schema) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet has =
                        statement.executeQuery("select to_regclass('\"" + schema + "\".retention_pass') is not null")) {
            has.next();
            if (!has.getBoolean(1)) {
                return "";
            }
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
            select format('%%I.%%I', n.nspname, c.relname) from "%s".retention_pass p
            join pg_class c on c.oid = p.log_event join pg_namespace n on n.oid = c.relnamespace""".formatted(schema))) {
            String found = row.next() ? row.getString(1) : "";
            return found.isEmpty() || found.equals(schema + ".log_event") ? "" : " (it is " + found + " now)";
        }
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
