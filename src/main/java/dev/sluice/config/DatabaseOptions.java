package dev.sluice.config;

import dev.sluice.store.StoreSettings;
import dev.sluice.store.database.DatabaseHosts;
import dev.sluice.store.database.HostAddress;
import dev.sluice.store.database.JdbcUrl;
import dev.sluice.store.database.TableHome;
import dev.sluice.store.schema.DatabaseAccount;
import dev.sluice.store.schema.SchemaMigration;
import dev.sluice.store.schema.SchemaSettings;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactoryProvider;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.Option;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.r2dbc.autoconfigure.R2dbcConnectionDetails;
import reactor.core.publisher.Mono;

/** Where the database is and who we are there, checked: a mistake ends the start with a line in place of a trace. */
public record DatabaseOptions(ConnectionFactoryOptions options, SluiceProperties.Store store) {

    private static final int DEFAULT_PORT = 5432;

    /** Reads and checks what is configured under {@code spring.r2dbc}; who else logs in is below the store. */
    public static DatabaseOptions of(R2dbcConnectionDetails details, SluiceProperties.Store store) {
        try {
            DatabaseOptions options = new DatabaseOptions(details.getConnectionFactoryOptions(), store);
            options.check();
            return options;
        } catch (RuntimeException mistake) {
            throw new StartupException(
                    "spring.r2dbc (SPRING_R2DBC_URL, SPRING_R2DBC_USERNAME, SPRING_R2DBC_PASSWORD) is wrong: "
                            + messages(mistake) + ".",
                    "A right address is, for example, r2dbc:postgresql://postgres:5432/sluice.",
                    mistake);
        }
    }

    /** What the driver says first does not name the value. */
    private static String messages(Throwable mistake) {
        return Stream.iterate(mistake, Objects::nonNull, Throwable::getCause)
                .map(Throwable::getMessage)
                .filter(Objects::nonNull)
                .distinct()
                .collect(Collectors.joining(": "));
    }

    private void check() {
        if (!new PostgresqlConnectionFactoryProvider().supports(options)) {
            throw new IllegalArgumentException(
                    "the driver is \"" + text(ConnectionFactoryOptions.DRIVER) + "\", expected \"postgresql\"");
        }
        if (text(ConnectionFactoryOptions.USER) == null) {
            throw new IllegalArgumentException("there is no user: set spring.r2dbc.username (SPRING_R2DBC_USERNAME)");
        }
        addresses().forEach(host -> connection(options, host).build()); // files that are not there, modes that are none
    }

    /** The servers of the database, which are asked for the one that takes writes. */
    public DatabaseHosts hosts() {
        return new DatabaseHosts(
                addresses(),
                host -> connection(options, host),
                StoreSettings.DEFAULT.connectTimeout(),
                new TableHome(null, store.layout()));
    }

    /** The same address, for JDBC. */
    public JdbcUrl jdbcUrl() {
        return JdbcUrl.of(options);
    }

    /** The migration of the one of {@code hosts} that is the {@code primary} at the time. */
    public SchemaMigration migration(DatabaseHosts hosts, Mono<HostAddress> primary) {
        return new SchemaMigration(
                jdbcUrl(),
                primary.map(host -> JdbcUrl.of(at(options, host))),
                new SchemaSettings(
                        owner(), writer(), store.archive(), store.finishedDays().dayIndexes(), store.migrate()),
                hosts.home());
    }

    /** How the owner of the tables logs in, where that is another account. */
    public Optional<Function<HostAddress, PostgresqlConnectionConfiguration.Builder>> ownersLogin() {
        return store.schemaUsername().isEmpty() ? Optional.empty() : Optional.of(host -> connection(asOwner(), host));
    }

    /** The same servers and tables for one who may change what is stored: the owner, where that is another account. */
    public DatabaseHosts ownersHosts(DatabaseHosts hosts) {
        return new DatabaseHosts(
                addresses(),
                ownersLogin().orElse(host -> connection(options, host)),
                StoreSettings.DEFAULT.connectTimeout(),
                hosts.home());
    }

    private DatabaseAccount writer() {
        String user = text(ConnectionFactoryOptions.USER);
        return new DatabaseAccount(
                user == null ? "" : user, text(ConnectionFactoryOptions.PASSWORD), DatabaseAccount.WRITER);
    }

    private DatabaseAccount owner() {
        String password = store.schemaPassword();
        return store.schemaUsername().isEmpty()
                ? writer()
                : new DatabaseAccount(
                        store.schemaUsername(), password.isEmpty() ? null : password, DatabaseAccount.OWNER);
    }

    /** A database without a name is called after the user, so the writer's is named. */
    private ConnectionFactoryOptions asOwner() {
        return options.mutate()
                .option(ConnectionFactoryOptions.DATABASE, jdbcUrl().name())
                .option(ConnectionFactoryOptions.USER, store.schemaUsername())
                .option(ConnectionFactoryOptions.PASSWORD, store.schemaPassword())
                .build();
    }

    private List<HostAddress> addresses() {
        String host = text(ConnectionFactoryOptions.HOST);
        String port = text(ConnectionFactoryOptions.PORT);
        return HostAddress.listOf(
                host == null ? "localhost" : host, port == null ? DEFAULT_PORT : Integer.parseInt(port));
    }

    /** A new configuration of the driver each time, because the caller adds event loops of its own. */
    private static PostgresqlConnectionConfiguration.Builder connection(
            ConnectionFactoryOptions account, HostAddress host) {
        return PostgresqlConnectionFactoryProvider.builder(at(account, host)).applicationName("sluice");
    }

    /** The same for one of the hosts, which the driver must take for the only one: it would ask them in turn. */
    private static ConnectionFactoryOptions at(ConnectionFactoryOptions account, HostAddress host) {
        return account.mutate()
                .option(ConnectionFactoryOptions.PROTOCOL, "")
                .option(ConnectionFactoryOptions.HOST, host.name())
                .option(ConnectionFactoryOptions.PORT, host.port())
                .build();
    }

    private @Nullable String text(Option<?> option) {
        Object value = options.getValue(option);
        return value == null ? null : value.toString();
    }
}
