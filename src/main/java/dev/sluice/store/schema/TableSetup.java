package dev.sluice.store.schema;

import dev.sluice.store.database.JdbcUrl;
import dev.sluice.store.database.TableHome;
import dev.sluice.store.database.TableLayout;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a start does on a server that answers: migrates the tables, or looks whether their owner did, and sees to it
 * that both accounts have the rights they need. Blocks, on the thread of {@link SchemaMigration}.
 */
final class TableSetup {

    private static final Logger LOG = LoggerFactory.getLogger(TableSetup.class);
    private static final String ENCODING = "UTF8";

    /**
     * An extension and what belongs to it do not count. Flyway makes its history before anything else. All of it is
     * seen by one snapshot: that of to_regclass can be older, and miss a history whose tables are seen.
     */
    private static final String BESIDE_OTHERS = """
            select not exists (select from pg_class history
                               where history.relnamespace = home.oid and history.relname = 'flyway_schema_history')
               and exists (select from pg_depend held
                           where held.refclassid = 'pg_namespace'::regclass and held.refobjid = home.oid
                             and held.classid <> 'pg_extension'::regclass
                             and not exists (select from pg_depend of
                                             where of.classid = held.classid and of.objid = held.objid
                                               and of.deptype = 'e'))
            from pg_namespace home where home.nspname = current_schema()""";

    private final JdbcUrl database;
    private final SchemaSettings settings;
    private final TableHome home;
    private volatile DatabaseAccount acting;

    TableSetup(JdbcUrl database, SchemaSettings settings, TableHome home) {
        this.database = database;
        this.settings = settings;
        this.home = home;
        acting = settings.writer();
    }

    /** Who is logged in, or tries to: whose mistake it is when the server refuses. */
    DatabaseAccount acting() {
        return acting;
    }

    /** The next that logs in is the writer, who looks for the server to set up. */
    void searches() {
        acting = settings.writer();
    }

    void run(JdbcUrl server) throws SQLException {
        acting = settings.owner();
        FluentConfiguration flyway = configuration(server, settings.owner());
        DataSource owner = flyway.getDataSource();
        PooledSessions.refuse(owner, database);
        Optional<String> before = home.find(owner);
        check(owner);
        if (settings.migrate()) {
            if (before.isPresent() && settings.areTwo()) {
                requireOwner(owner, before.get());
            }
            migrate(flyway, before);
        }
        String schema = home.find(owner).orElseThrow(this::noTables);
        Privileges privileges = new Privileges(schema);
        Map<String, String> lacking = privileges.lacking(owner, Privileges.OF_KEEPER);
        if (!lacking.isEmpty()) {
            throw refusal(privileges, lacking);
        }
        requireArchive(owner, privileges, schema);
        requireIndexes(owner, privileges, schema);
        requireVersion(SchemaVersion.of(owner, schema));
        if (before.isEmpty()) {
            LOG.info("Made the tables in schema {}: the search path had none", schema);
        }
        acting = settings.writer();
        letWrite(configuration(server, settings.writer()).getDataSource(), owner, privileges);
    }

    private void letWrite(DataSource writer, DataSource owner, Privileges privileges) throws SQLException {
        Map<String, String> before = privileges.lacking(writer, Privileges.OF_WRITER);
        Map<String, String> lacking = before;
        if (!before.isEmpty() && settings.migrate() && settings.areTwo()) {
            acting = settings.owner();
            privileges.grant(owner, before, settings.writer().user());
            acting = settings.writer();
            lacking = privileges.lacking(writer, Privileges.OF_WRITER); // a GRANT without the right is only a warning
        }
        if (!lacking.isEmpty()) {
            throw refusal(privileges, lacking);
        }
        if (!before.isEmpty()) {
            LOG.info("Granted {} to {}", privileges.said(before), settings.writer());
        }
    }

    private static FluentConfiguration configuration(JdbcUrl server, DatabaseAccount account) {
        return Flyway.configure(TableSetup.class.getClassLoader())
                .dataSource(server.url(), account.user(), account.password())
                .initSql(TableHome.NO_TIMEOUTS)
                .locations("classpath:db/migration");
    }

    private static void migrate(FluentConfiguration flyway, Optional<String> schema) throws SQLException {
        if (schema.isEmpty()) {
            if (isBesideOthers(flyway.getDataSource())) {
                // Flyway refuses a schema that is not empty. With baselineOnMigrate it would look again whether it is,
                // and take the tables of another start for those of others.
                flyway.baselineVersion("0").load().baseline();
            }
        } else {
            flyway.defaultSchema(schema.get());
            int version = newest(SchemaVersion.of(flyway.getDataSource(), schema.get()));
            if (version >= SchemaVersion.NOTES_ITSELF) { // else it is Flyway's work, and in its history
                flyway.baselineOnMigrate(true).baselineVersion(Integer.toString(version));
            }
        }
        flyway.load().migrate();
    }

    /** Whether the schema that gets the tables holds something of others, and no other start makes ours just now. */
    private static boolean isBesideOthers(DataSource server) throws SQLException {
        try (Connection connection = server.getConnection();
                Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery(BESIDE_OTHERS)) {
            return answer.next() && answer.getBoolean(1);
        }
    }

    /** Refuses a database that cannot keep every text. */
    private void check(DataSource server) throws SQLException {
        try (Connection connection = server.getConnection();
                Statement statement = connection.createStatement();
                ResultSet encoding = statement.executeQuery("select getdatabaseencoding()")) {
            encoding.next();
            if (!encoding.getString(1).equals(ENCODING)) {
                throw new SchemaMigrationException("Database '" + database.name() + "' at " + database.hosts()
                        + " has the encoding " + encoding.getString(1)
                        + ", which does not take every text that shippers send: create one with ENCODING 'UTF8', and"
                        + " name it in spring.r2dbc.url.");
            }
        }
    }

    private RuntimeException noTables() {
        if (settings.migrate()) {
            return new IllegalStateException("""
                    flyway_schema_history has them, but no schema of the search path has log_event and ingest_batch: \
                    somebody renamed, moved or dropped them""");
        }
        return toApply("no schema in the search path of " + acting + " has the tables", SchemaVersion.FILES);
    }

    /** As when one account did everything before: Flyway would only say that it may not read or make a table. */
    private void requireOwner(DataSource owner, String schema) throws SQLException {
        Optional<String> other = new Privileges(schema).otherOwner(owner);
        if (other.isPresent()) {
            throw new SchemaMigrationException("The tables in schema " + schema + " of database '" + database.name()
                    + "' at " + database.hosts() + " belong to " + other.get() + ", and the user " + acting
                    + " is no member of that role.\nHave an administrator run in that database: REASSIGN OWNED BY "
                    + other.get() + " TO " + Privileges.quoted(acting.user()));
        }
    }

    private void requireVersion(Set<Integer> versions) {
        int known = SchemaVersion.FILES.size();
        int newest = newest(versions);
        if (newest > known && !settings.migrate()) {
            throw new SchemaMigrationException("The tables in database '" + database.name() + "' at " + database.hosts()
                    + " are of version " + newest + ", and this Sluice knows none after " + known + " ("
                    + SchemaVersion.FILES.getLast() + ").\nStart a newer Sluice.");
        }
        List<String> missing = SchemaVersion.missing(versions);
        if (!missing.isEmpty()) {
            throw toApply("the tables are of version " + newest, missing);
        }
    }

    private static int newest(Set<Integer> versions) {
        return versions.stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    private void requireArchive(DataSource owner, Privileges privileges, String schema) throws SQLException {
        String archive = settings.archive();
        if (schema.equals(archive)) {
            throw new SchemaMigrationException("sluice.store.archive-schema is " + archive
                    + ", where the tables are, expected another schema to move old days to.");
        }
        if (archive != null && !privileges.mayMoveTo(owner, archive)) {
            String quoted = Privileges.quoted(archive);
            throw new SchemaMigrationException("sluice.store.retention-action is detach, but the user " + acting
                    + " may not create tables in schema " + archive + " of database '" + database.name()
                    + "'.\nHave an administrator run: CREATE SCHEMA IF NOT EXISTS " + quoted
                    + "; GRANT USAGE, CREATE ON SCHEMA " + quoted + " TO " + Privileges.quoted(acting.user()));
        }
    }

    /** Days of others are not ours to change, and Citus would build on many servers. */
    private void requireIndexes(DataSource owner, Privileges privileges, String schema) throws SQLException {
        if (settings.indexes().isEmpty()) {
            return;
        }
        if (home.layout() != TableLayout.NATIVE) {
            throw new SchemaMigrationException("sluice.store.finished-days.indexes is set, and sluice.store.layout is "
                    + home.layout().name().toLowerCase(Locale.ROOT)
                    + ": only with native Sluice makes the days, and so their indexes.");
        }
        Optional<String> other = privileges.otherOwner(owner);
        if (other.isPresent()) {
            throw new SchemaMigrationException("sluice.store.finished-days.indexes is set, but log_event belongs to "
                    + other.get() + ", and the user " + acting + " is no member of that role, so it may build none.");
        }
        new IndexProbe(settings.indexes()).require(owner, schema, acting.toString());
    }

    private SchemaMigrationException toApply(String state, List<String> files) {
        String where = settings.migrate() ? "In database '" : "sluice.store.migrate is false, and in database '";
        return new SchemaMigrationException(where + database.name() + "' at " + database.hosts() + " " + state
                + ". What is missing, of the folder db/migration:\n"
                + String.join(", ", files)
                + "\nHave the owner of the tables apply each: psql -1 -v ON_ERROR_STOP=1 -f FILE");
    }

    private SchemaMigrationException refusal(Privileges privileges, Map<String, String> lacking) {
        return new SchemaMigrationException("The user " + acting + " lacks rights in database '" + database.name()
                + "' at " + database.hosts() + ": " + privileges.said(lacking) + ".\nHave the owner of the tables run: "
                + String.join("; ", privileges.grants(lacking, acting.user())));
    }
}
