package dev.sluice;

import dev.sluice.store.JdbcUrl;
import dev.sluice.store.SchemaMigration;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactoryProvider;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.Option;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.r2dbc.autoconfigure.R2dbcConnectionDetails;

/** Where the database is and who we are there, checked: a mistake ends the start with a line in place of a trace. */
record DatabaseOptions(ConnectionFactoryOptions options) {

    /** Reads and checks what is configured under {@code spring.r2dbc}. */
    static DatabaseOptions of(R2dbcConnectionDetails details) {
        try {
            DatabaseOptions options = new DatabaseOptions(details.getConnectionFactoryOptions());
            options.check();
            return options;
        } catch (RuntimeException mistake) {
            throw new DatabaseOptionsException(mistake);
        }
    }

    private void check() {
        if (!new PostgresqlConnectionFactoryProvider().supports(options)) {
            throw new IllegalArgumentException(
                    "the driver is \"" + text(ConnectionFactoryOptions.DRIVER) + "\", expected \"postgresql\"");
        }
        if (text(ConnectionFactoryOptions.USER) == null) {
            throw new IllegalArgumentException("there is no user: set spring.r2dbc.username (SPRING_R2DBC_USERNAME)");
        }
        connection().build(); // files that are not there, modes that are none
    }

    /** A new configuration of the driver for each caller, because it adds event loops of its own. */
    PostgresqlConnectionConfiguration.Builder connection() {
        return PostgresqlConnectionFactoryProvider.builder(options).applicationName("sluice");
    }

    JdbcUrl jdbcUrl() {
        return JdbcUrl.of(options);
    }

    SchemaMigration migration() {
        String user = text(ConnectionFactoryOptions.USER);
        return new SchemaMigration(jdbcUrl(), user == null ? "" : user, text(ConnectionFactoryOptions.PASSWORD), null);
    }

    private @Nullable String text(Option<?> option) {
        Object value = options.getValue(option);
        return value == null ? null : value.toString();
    }
}
