package dev.sluice.store.schema;

import dev.sluice.store.database.JdbcUrl;
import dev.sluice.store.database.Reason;

/** The database answers, and refuses; waiting would not help. The message is written for who operates the service. */
public final class SchemaMigrationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String sqlState;

    SchemaMigrationException(JdbcUrl database, String sqlState, Throwable cause) {
        super(explain(database, sqlState, cause), cause);
        this.sqlState = sqlState;
    }

    /** The refusal of an encoding that has no room for every character. */
    SchemaMigrationException(JdbcUrl database, String encoding) {
        super("Database '" + database.name() + "' at " + database.hosts() + " has the encoding " + encoding
                + ", which does not take every text that shippers send: create one with ENCODING 'UTF8', and name it in"
                + " spring.r2dbc.url.");
        this.sqlState = "";
    }

    /** The SQLSTATE of the refusal; empty where there was none. */
    public String sqlState() {
        return sqlState;
    }

    /** Flyway lays out what PostgreSQL said in ten lines, of which that is one. */
    private static String inOneLine(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return Reason.of(root).replaceAll("\\s*\\n\\s*", "; ");
    }

    private static String explain(JdbcUrl database, String state, Throwable cause) {
        return switch (state) {
            case "28P01", "28000" ->
                "PostgreSQL at " + database.hosts() + " refuses the user or the password [" + state
                        + "]: set spring.r2dbc.username and spring.r2dbc.password.";
            case "3D000" ->
                "PostgreSQL at " + database.hosts() + " has no database '" + database.name() + "' [" + state
                        + "]: create it, or name another one in spring.r2dbc.url.";
            case "42501" ->
                "The user of spring.r2dbc.username may not create the tables in database '" + database.name() + "' ["
                        + state + "]: grant it CREATE on the schema.";
            default ->
                "The tables in database '" + database.name() + "' at " + database.hosts()
                        + " cannot be brought up to date: " + inOneLine(cause);
        };
    }
}
