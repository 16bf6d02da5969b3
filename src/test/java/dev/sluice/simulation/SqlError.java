package dev.sluice.simulation;

/**
 * What PostgreSQL answers instead of a result.
 *
 * @param table for a unique violation, else empty
 */
record SqlError(String severity, String state, String message, String table, String routine) {

    static SqlError of(String state, String message) {
        return new SqlError("ERROR", state, message, "", "");
    }

    static SqlError fatal(String state, String message) {
        return new SqlError("FATAL", state, message, "", "");
    }

    static SqlError raised(String state) {
        return new SqlError("ERROR", state, "raised by a trigger", "", "exec_stmt_raise");
    }
}
