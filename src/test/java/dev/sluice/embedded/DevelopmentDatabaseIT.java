package dev.sluice.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;

final class DevelopmentDatabaseIT {

    @TempDir
    static Path folder;

    private static final Path DATA = Path.of("postgres");

    @AfterEach
    void nothingRuns() throws IOException {
        assertThat(server().pid()).isEmpty();
    }

    @Test
    void dataStaysBetweenRuns() throws Exception {
        try (GenericApplicationContext first = start()) {
            execute(first, "create table if not exists kept (n integer)");
        }
        try (GenericApplicationContext second = start()) {
            execute(second, "insert into kept values (1)");
        }
    }

    @Test
    void databaseStopsAfterAllBeans() {
        GenericApplicationContext context = initialized();
        AtomicBoolean stillUp = new AtomicBoolean();
        AutoCloseable writer = () -> {
            execute(context, "select 1");
            stillUp.set(true);
        };
        context.registerBean("writer", AutoCloseable.class, () -> writer);
        context.refresh();
        context.close();
        assertThat(stillUp).isTrue();
    }

    @Test
    void serverOfAKilledRunIsReplaced() throws Exception {
        EmbeddedServer left = server();
        left.start(port());
        long pid = left.pid().orElseThrow();
        try (GenericApplicationContext context = start()) {
            assertThat(server().pid()).isPresent().isNotEqualTo(OptionalLong.of(pid));
            execute(context, "select 1");
        }
    }

    @Test
    void idOfAKilledServerThatAnotherProcessHasNowIsIgnored() throws Exception {
        EmbeddedServer server = server();
        server.start(port());
        server.stop();
        Files.writeString(
                folder.resolve(DATA).resolve("postmaster.pid"),
                ProcessHandle.current().pid() + "\n" + folder.resolve(DATA) + "\n");
        try (GenericApplicationContext context = start()) {
            execute(context, "select 1");
        }
    }

    @Test
    void secondRunOnTheSameFolderIsRefused() throws Exception {
        try (GenericApplicationContext first = start()) {
            assertThatThrownBy(DevelopmentDatabaseIT::start)
                    .hasMessageContaining("another run uses")
                    .hasMessageContaining("sluice.development.data-directory");
            execute(first, "select 1");
        }
    }

    @Test
    void configuredDatabaseIsUsed() {
        GenericApplicationContext context = new GenericApplicationContext();
        context.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource("test", Map.of("spring.r2dbc.url", "r2dbc:postgresql://db/sluice")));
        new DevelopmentDatabase().initialize(context);
        assertThat(context.getEnvironment().getProperty("spring.r2dbc.url")).isEqualTo("r2dbc:postgresql://db/sluice");
    }

    private static GenericApplicationContext start() {
        GenericApplicationContext context = initialized();
        context.refresh();
        return context;
    }

    private static GenericApplicationContext initialized() {
        GenericApplicationContext context = new GenericApplicationContext();
        context.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        "test",
                        Map.of(
                                "sluice.development.data-directory",
                                folder.resolve(DATA).toString())));
        new DevelopmentDatabase().initialize(context);
        return context;
    }

    private static void execute(GenericApplicationContext context, String sql) throws SQLException {
        var environment = context.getEnvironment();
        String url = environment.getRequiredProperty("spring.r2dbc.url").replace("r2dbc:", "jdbc:");
        try (Connection connection = DriverManager.getConnection(
                url,
                environment.getRequiredProperty("spring.r2dbc.username"),
                environment.getRequiredProperty("spring.r2dbc.password"))) {
            connection.createStatement().execute(sql);
        }
    }

    private static EmbeddedServer server() throws IOException {
        return EmbeddedServer.prepare(folder.resolve("bin"), folder.resolve(DATA));
    }

    private static int port() throws IOException {
        try (var socket = new java.net.ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
