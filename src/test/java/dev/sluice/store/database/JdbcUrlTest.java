package dev.sluice.store.database;

import static org.assertj.core.api.Assertions.assertThat;

import io.r2dbc.postgresql.PostgresqlConnectionFactoryProvider;
import io.r2dbc.postgresql.client.SSLMode;
import io.r2dbc.spi.ConnectionFactoryOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JdbcUrlTest {

    @ParameterizedTest
    @CsvSource({
        "r2dbc:postgresql://db/logs,                   jdbc:postgresql://db:5432/logs?",
        "r2dbc:postgresql://db:6543/logs,              jdbc:postgresql://db:6543/logs?",
        "r2dbc:pool:postgresql://db/logs,              jdbc:postgresql://db:5432/logs?",
        "r2dbc:postgres://me:secret@db/logs,           jdbc:postgresql://db:5432/logs?",
        "r2dbc:postgresql://me@db,                     jdbc:postgresql://db:5432/me?",
        "'r2dbc:postgresql:failover://a:1,b:2/logs',   'jdbc:postgresql://a:1,b:2/logs?'",
        "'r2dbc:postgresql:failover://a,b/logs',       'jdbc:postgresql://a:5432,b:5432/logs?'",
    })
    void addressIsTheSameServerAndDatabase(String r2dbc, String start) {
        assertThat(url(r2dbc)).startsWith(start).doesNotContain("secret");
    }

    @ParameterizedTest
    @CsvSource({
        "r2dbc:postgresql://db/logs,                      sslmode=disable",
        "r2dbc:postgresql://db/logs?sslMode=require,      sslmode=require",
        "r2dbc:postgresql://db/logs?sslMode=VERIFY_FULL,  sslmode=verify-full",
        "r2dbc:postgresql://db/logs?sslMode=verify-ca,    sslmode=verify-ca",
        "r2dbc:postgresql://db/logs?ssl=true,             sslmode=verify-full",
        "r2dbcs:postgresql://db/logs,                     sslmode=verify-full",
    })
    void encryptionIsTheSame(String r2dbc, String parameter) {
        assertThat(url(r2dbc)).contains(parameter);
    }

    @Test
    void tablesAreLookedForInTheSameSchema() {
        assertThat(url("r2dbc:postgresql://db/logs?schema=one")).contains("currentSchema=one");
        assertThat(url("r2dbc:postgresql://db/logs")).doesNotContain("currentSchema");
    }

    @Test
    void certificatesAreTheSame() {
        assertThat(url("r2dbc:postgresql://db/logs?sslMode=verify-full&sslRootCert=/etc/my%20ca.pem"))
                .contains("sslrootcert=%2Fetc%2Fmy%20ca.pem");
    }

    @Test
    void optionsMayBeObjects() {
        ConnectionFactoryOptions options = ConnectionFactoryOptions.builder()
                .option(ConnectionFactoryOptions.HOST, "::1")
                .option(ConnectionFactoryOptions.PORT, 6543)
                .option(ConnectionFactoryOptions.DATABASE, "my logs")
                .option(PostgresqlConnectionFactoryProvider.SSL_MODE, SSLMode.VERIFY_CA)
                .build();
        assertThat(JdbcUrl.of(options).url())
                .startsWith("jdbc:postgresql://[::1]:6543/my%20logs?")
                .contains("sslmode=verify-ca");
    }

    @Test
    void onlyThePrimaryOfSeveralHostsIsMigrated() {
        assertThat(url("r2dbc:postgresql:failover://a,b/logs")).contains("targetServerType=primary");
        assertThat(url("r2dbc:postgresql://a/logs")).doesNotContain("targetServerType");
    }

    /** A start beside a server that fell silent does not wait for ever, whichever part of the conversation it left. */
    @Test
    void everyWaitForTheServerHasAnEnd() {
        assertThat(url("r2dbc:postgresql://db/logs").split("[?&]"))
                .contains("connectTimeout=5", "loginTimeout=10", "socketTimeout=300", "tcpKeepAlive=true");
    }

    private static String url(String r2dbc) {
        return JdbcUrl.of(ConnectionFactoryOptions.parse(r2dbc)).url();
    }
}
