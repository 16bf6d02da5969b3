package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.config.DatabaseOptions;
import dev.sluice.config.SluiceProperties;
import dev.sluice.store.database.DatabaseHosts;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import dev.sluice.testing.TestAuthority;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import reactor.netty.resources.LoopResources;

/** TLS to PostgreSQL, by both drivers: a server that is not the one that was asked for gets nothing. */
class DatabaseTlsIT {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final LoopResources LOOPS = LoopResources.create("database-tls", 1, true);
    private static final TestAuthority AUTHORITY = new TestAuthority("authority");

    /** Its certificate is for the address, not for the name. */
    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.secured(
                    AUTHORITY.signed("CN=postgres", name -> name.addSanIpAddress("127.0.0.1")))
            .empty();

    @TempDir
    private Path folder;

    @BeforeEach
    void empty() {
        AUTHORITY.write(folder.resolve("ca.crt"));
        new TestAuthority("another").write(folder.resolve("another.crt"));
        POSTGRES.execute("drop schema public cascade");
        POSTGRES.execute("create schema public");
    }

    @AfterAll
    static void end() {
        LOOPS.dispose();
    }

    @Test
    void lanesAndMigrationGoByTlsThatIsVerified() throws IOException {
        try (RunningSluice sluice = RunningSluice.on(
                        POSTGRES,
                        "--spring.r2dbc.properties.sslMode=verify-full",
                        "--spring.r2dbc.properties.sslRootCert=" + folder.resolve("ca.crt"));
                Socket socket = new Socket("127.0.0.1", sluice.port())) {
            socket.getOutputStream().write("<13>hello\n".getBytes(StandardCharsets.US_ASCII));
            Await.until("stored", LIMIT, () -> POSTGRES.count("log_event") == 1);
            assertThat(POSTGRES.rows("select distinct ssl from pg_stat_ssl join pg_stat_activity using (pid)"
                            + " where application_name = 'sluice'"))
                    .extracting("ssl")
                    .containsExactly(true);
        }
    }

    @Test
    void aServerOfAnotherAuthorityIsNotTalkedTo() throws Exception {
        requireRefused(options(POSTGRES.host(), "verify-full", "another.crt"));
    }

    @Test
    void aServerOfAnotherNameIsNotTalkedTo() throws Exception {
        requireRefused(options("localhost", "verify-full", "ca.crt"));
    }

    private static void requireRefused(DatabaseOptions options) throws InterruptedException {
        DatabaseHosts hosts = options.hosts();
        assertThatThrownBy(() -> hosts.primary(LOOPS).block(LIMIT)).hasMessageMatching("(?i).*(certif|host name).*");
        Thread migration = Thread.ofPlatform().start(() -> {
            try {
                options.migration(hosts, hosts.primary(LOOPS)).run();
            } catch (InterruptedException expected) {
                // it waits for a server that it may talk to
            }
        });
        migration.join(Duration.ofSeconds(2));
        migration.interrupt();
        migration.join();
        assertThat(POSTGRES.count("pg_tables where schemaname = 'public'")).isZero();
    }

    private DatabaseOptions options(String host, String mode, String authority) {
        String address = url(host, mode, authority);
        SluiceProperties properties =
                new Binder(new MapConfigurationPropertySource()).bindOrCreate("sluice", SluiceProperties.class);
        return DatabaseOptions.of(
                () -> ConnectionFactoryOptions.parse(address)
                        .mutate()
                        .option(ConnectionFactoryOptions.USER, POSTGRES.user())
                        .option(ConnectionFactoryOptions.PASSWORD, POSTGRES.password())
                        .build(),
                properties.store());
    }

    private String url(String host, String mode, String authority) {
        return "r2dbc:postgresql://" + host + ":" + POSTGRES.port() + "/" + POSTGRES.database() + "?sslMode=" + mode
                + "&sslRootCert=" + folder.resolve(authority);
    }
}
