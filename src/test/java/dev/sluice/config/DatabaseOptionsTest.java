package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.store.database.HostAddress;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.diagnostics.FailureAnalysis;

class DatabaseOptionsTest {

    @Test
    void aWholeAddressIsTaken() {
        assertThat(of("r2dbc:postgresql://sluice:secret@db:5433/logs").jdbcUrl().hosts())
                .isEqualTo("db:5433");
    }

    @ParameterizedTest
    @CsvSource({
        "r2dbc:postgresql://u:p@db/logs, db:5432",
        "'r2dbc:postgresql:failover://u:p@a,b:6543/logs', 'a:5432,b:6543'",
        "'r2dbc:postgresql:failover://u:p@%5Bfd00::1%5D:7,%5B::2%5D,c/logs', '[fd00::1]:7,[::2]:5432,c:5432'",
    })
    void allHostsAreTaken(String url, String hosts) {
        assertThat(of(url).hosts()).hasToString(hosts);
        assertThat(of(url).jdbcUrl().hosts()).isEqualTo(hosts);
    }

    @ParameterizedTest
    @CsvSource({
        "'r2dbc:postgresql:failover://u:p@a,b:x/logs', 'the port of the host \"b:x\" is \"x\", expected a number'",
        "r2dbc:postgresql://db/logs, there is no user",
        "r2dbc:mysql://u:p@db/logs, 'the driver is \"mysql\", expected \"postgresql\"'",
        "jdbc:postgresql://db/logs, r2dbc",
        "r2dbc:postgresql://u:p@db/logs?sslMode=maybe, maybe",
        "r2dbc:postgresql://u:p@db/logs?sslMode=verify-full&sslRootCert=/nowhere.pem, sslRootCert must not be null and must exist"
    })
    void aMistakeIsSaidInOneLine(String url, String expected) {
        Throwable failure = catchThrowable(() -> of(url));
        FailureAnalysis analysis = new StartupFailureAnalyzer().analyze(new IllegalStateException("no bean", failure));
        assertThat(analysis).isNotNull();
        assertThat(analysis.getDescription()).contains(expected, "spring.r2dbc").doesNotContain("\n");
    }

    /** Without a name the database is called after the user, and that is the one who writes. */
    @ParameterizedTest
    @CsvSource({"r2dbc:postgresql://u:p@db, u", "r2dbc:postgresql://u:p@db/logs, logs"})
    void theOwnerOpensTheDatabaseOfTheWriter(String url, String database) {
        DatabaseOptions options = DatabaseOptions.of(
                () -> ConnectionFactoryOptions.parse(url), store(Map.of("sluice.store.schema-username", "keeper")));
        assertThat(options.ownersLogin()
                        .orElseThrow()
                        .apply(new HostAddress("db", 5432))
                        .build()
                        .toString())
                .contains("database='" + database + "'");
    }

    private static SluiceProperties.Store defaults() {
        return store(Map.of());
    }

    private static SluiceProperties.Store store(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties))
                .bindOrCreate("sluice", SluiceProperties.class)
                .store();
    }

    private static DatabaseOptions of(String url) {
        return DatabaseOptions.of(() -> ConnectionFactoryOptions.parse(url), defaults());
    }
}
