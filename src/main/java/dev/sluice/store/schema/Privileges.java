package dev.sluice.store.schema;

import static java.util.stream.Collectors.joining;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * What an account may do with the tables, looked for before the first event comes. Rows go to their days by way of
 * {@code log_event}, and PostgreSQL asks nothing more of who writes there: days that are made later need no grant.
 */
final class Privileges {

    /** What the lanes need, and the look at the settings of their sessions. */
    static final Map<String, String> OF_WRITER = inOrder(
            "log_event", "SELECT, INSERT",
            "dead_letter", "INSERT",
            "ingest_batch", "SELECT, INSERT, UPDATE",
            "ingest_delivery", "SELECT, INSERT",
            "log_event_day", "SELECT");

    /** What the passes need of an account that does not own the tables, and so makes and removes no day. */
    static final Map<String, String> OF_KEEPER = inOrder(
            "log_event", "SELECT",
            "dead_letter", "SELECT, DELETE",
            "ingest_batch", "SELECT, DELETE",
            "ingest_delivery", "SELECT, DELETE",
            "log_event_day", "SELECT, INSERT, UPDATE, DELETE",
            "retention_claim", "SELECT, INSERT, UPDATE, DELETE",
            "retention_pass", "SELECT, INSERT, UPDATE, DELETE",
            "applied_migration", "SELECT");

    /** Advisory locks are numbers; two replicas that grant at once would change the same row of the catalog. */
    private static final long LOCK = 0x736c7569_63650003L;

    private static final String NEEDED = """
            select needed.name, string_agg(needed.privilege, ', ' order by needed.place) as privileges
            from (values {needed}) as needed (place, name, privilege)
            join pg_namespace n on n.nspname = '{schema}'
            left join pg_class c on c.relnamespace = n.oid and c.relname = needed.name
            where case when needed.name = '' then not has_schema_privilege(n.oid, needed.privilege)
                       else not has_table_privilege(c.oid, needed.privilege) end
            group by needed.name order by min(needed.place)""";

    /** It is made where it is missing. */
    private static final String MAY_MOVE = """
            select not pg_has_role(c.relowner, 'usage')
                   or case when to_regnamespace('"{archive}"') is null then has_database_privilege(current_database(), 'create')
                           else has_schema_privilege(to_regnamespace('"{archive}"')::oid, 'usage')
                                and has_schema_privilege(to_regnamespace('"{archive}"')::oid, 'create') end
            from pg_class c where c.oid = to_regclass('"{schema}".log_event')""";

    private static final String OTHER_OWNER = """
            select c.relowner::regrole::text from pg_class c
            where c.oid = to_regclass('"{schema}".log_event') and not pg_has_role(c.relowner, 'usage')""";

    private final String schema;

    Privileges(String schema) {
        this.schema = schema;
    }

    /** The privileges that the one who logs in lacks, by table; those of the schema by an empty name. */
    Map<String, String> lacking(DataSource database, Map<String, String> needed) throws SQLException {
        Map<String, String> lacking = new LinkedHashMap<>();
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        NEEDED.replace("{schema}", schema).replace("{needed}", values(needed)))) {
            while (rows.next()) {
                lacking.put(rows.getString("name"), rows.getString("privileges"));
            }
        }
        return lacking;
    }

    /** Whether the one who logs in may move tables there, or need not because the days are somebody else's. */
    boolean mayMoveTo(DataSource database, String archive) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        MAY_MOVE.replace("{schema}", schema).replace("{archive}", archive))) {
            return !row.next() || row.getBoolean(1);
        }
    }

    /** Whose the tables are, where the one who logs in may not act for that role; as SQL names it. */
    Optional<String> otherOwner(DataSource database) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(OTHER_OWNER.replace("{schema}", schema))) {
            return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
        }
    }

    /** Grants them, as the owner. */
    void grant(DataSource database, Map<String, String> lacking, String user) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("select pg_advisory_xact_lock(" + LOCK + ")");
            for (String sql : grants(lacking, user)) {
                statement.execute(sql);
            }
            connection.commit();
        }
    }

    /** What gives them. */
    List<String> grants(Map<String, String> lacking, String user) {
        return lacking.entrySet().stream()
                .map(each -> "GRANT " + each.getValue() + " ON " + name(each.getKey()) + " TO " + quoted(user))
                .toList();
    }

    /** What they are, for messages. */
    String said(Map<String, String> lacking) {
        return lacking.entrySet().stream()
                .map(each -> each.getValue() + " on " + name(each.getKey()).replace("\"", ""))
                .collect(joining("; "));
    }

    private String name(String table) {
        return table.isEmpty() ? "SCHEMA " + quoted(schema) : quoted(schema) + "." + table;
    }

    static String quoted(String name) {
        return name.matches("[a-z_][a-z0-9_]*") ? name : '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String values(Map<String, String> needed) {
        List<String> values = new ArrayList<>(List.of("(0, '', 'USAGE')"));
        needed.forEach((table, privileges) -> Stream.of(privileges.split(", "))
                .forEach(each -> values.add("(" + values.size() + ", '" + table + "', '" + each + "')")));
        return String.join(", ", values);
    }

    private static Map<String, String> inOrder(String... pairs) {
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return map;
    }
}
