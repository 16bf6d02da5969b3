package dev.sluice.store.schema;

import dev.sluice.store.database.JdbcUrl;
import dev.sluice.store.database.Reason;

/** The database answers, and refuses; waiting would not help. The message is written for who operates the service. */
public final class SchemaMigrationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String sqlState;

    SchemaMigrationException(JdbcUrl database, DatabaseAccount acting, String sqlState, Throwable cause) {
        super(explain(database, acting, sqlState, cause), cause);
        this.sqlState = sqlState;
    }

    /** The server refused nothing: a look at it found what cannot work. */
    SchemaMigrationException(String message) {
        super(message);
        sqlState = "";
    }

    /** What a start needs beside the tables was refused. */
    SchemaMigrationException(String message, Throwable cause) {
        super(message, cause);
        sqlState = "";
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

    private static String explain(JdbcUrl database, DatabaseAccount acting, String state, Throwable cause) {
        return switch (state) {
            case "28P01", "28000" ->
                "PostgreSQL at " + database.hosts() + " refuses the user or the password [" + state + "]: set "
                        + acting.property() + " and " + acting.passwordProperty() + ".";
            case "3D000" ->
                "PostgreSQL at " + database.hosts() + " has no database '" + database.name() + "' [" + state
                        + "]: create it, or name another one in spring.r2dbc.url.";
            case "42501" ->
                "The user of " + acting.property() + " may not create the tables in database '" + database.name()
                        + "' [" + state + "]: grant it CREATE on the schema.";
            default ->
                "The tables in database '" + database.name() + "' at " + database.hosts()
                        + " cannot be brought up to date: " + inOneLine(cause);
        };
    }
}
