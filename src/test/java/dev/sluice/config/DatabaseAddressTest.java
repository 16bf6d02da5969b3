package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

class DatabaseAddressTest {

    @ParameterizedTest
    @CsvSource({
        "postgresql://db/logs, r2dbc:postgresql://db/logs",
        "postgres://u:p@db:5433/logs?sslmode=require, r2dbc:postgresql://u:p@db:5433/logs?sslMode=require",
        "jdbc:postgresql://db/logs?user=u&password=p&currentSchema=s&x=y, r2dbc:postgresql://u:p@db/logs?schema=s&x=y",
        "'jdbc:postgresql://a:1,b:2/logs', 'r2dbc:postgresql:failover://a:1,b:2/logs'",
        "jdbc:postgresql://db/logs?user=a:b&password=p@s/s#w%25, r2dbc:postgresql://a%3Ab:p%40s%2Fs%23w%25@db/logs",
        "'postgresql://u:a,b@db/logs', 'r2dbc:postgresql://u:a,b@db/logs'",
        "jdbc:postgresql:logs, r2dbc:postgresql://localhost/logs",
        "postgresql:///logs, r2dbc:postgresql://localhost/logs",
        "jdbc:postgresql://db/logs?ssl, r2dbc:postgresql://db/logs?ssl=true",
        "postgresql://db/l?sslrootcert=/a&sslcert=/b&sslkey=/c&sslpassword=d, r2dbc:postgresql://db/l?sslRootCert=/a&sslCert=/b&sslKey=/c&sslPassword=d",
    })
    void whatJdbcAndLibpqWriteIsTaken(String url, String expected) {
        assertThat(DatabaseAddress.r2dbc(url)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "r2dbc:postgresql://db/logs",
                "jdbc:mysql://db/logs",
                "postgresql",
                "postgresql:logs",
                "r2dbc:pool:postgresql://db"
            })
    void othersAreLeftToTheDriver(String url) {
        assertThat(DatabaseAddress.r2dbc(url)).isNull();
    }

    @Test
    void itTakesThePlaceOfWhatWasWritten() {
        GenericApplicationContext context = new GenericApplicationContext();
        ConfigurableEnvironment environment = context.getEnvironment();
        environment
                .getPropertySources()
                .addFirst(new MapPropertySource("file", Map.of("spring.r2dbc.url", " postgresql://db/logs ")));
        new DatabaseAddress().initialize(context);
        assertThat(environment.getProperty("spring.r2dbc.url")).isEqualTo("r2dbc:postgresql://db/logs");
        new DatabaseAddress().initialize(context);
        assertThat(environment.getProperty("spring.r2dbc.url")).isEqualTo("r2dbc:postgresql://db/logs");
    }

    @ParameterizedTest
    @CsvSource({
        "URL mysql://u:s@cret/x@db/logs is wrong, URL mysql://u:***@db/logs is wrong",
        "jdbc:mysql://db/logs?password=secret&x=y, jdbc:mysql://db/logs?password=***&x=y",
        "jdbc:mysql://db/logs?Password=secret, jdbc:mysql://db/logs?Password=***",
        "see https://example.org:80/x, see https://example.org:80/x",
    })
    void noPasswordIsPrinted(String text, String expected) {
        assertThat(StartupFailureReporter.withoutPasswords(text)).isEqualTo(expected);
    }
}
