package dev.sluice.store.schema;

import org.jspecify.annotations.Nullable;

/**
 * Who logs in to the database.
 *
 * @param user the role
 * @param password null where the server asks for none
 * @param property what names the user in the configuration, for messages
 */
public record DatabaseAccount(String user, @Nullable String password, String property) {

    /** The account of the lanes. */
    public static final String WRITER = "spring.r2dbc.username";

    /** The account of the tables. */
    public static final String OWNER = "sluice.store.schema-username";

    String passwordProperty() {
        return property.replace("username", "password");
    }

    /** Without the password. */
    @Override
    public String toString() {
        return user + " (" + property + ")";
    }
}
