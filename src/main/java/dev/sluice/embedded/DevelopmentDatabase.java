package dev.sluice.embedded;

import dev.sluice.config.StartupException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.support.DefaultSingletonBeanRegistry;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.util.ClassUtils;

/**
 * Starts an embedded PostgreSQL when {@code spring.r2dbc.url} is not set, and points {@code spring.r2dbc.*} to it. It
 * is made before any bean, and so ends after all of them: what was read is still committed.
 */
public final class DevelopmentDatabase implements ApplicationContextInitializer<ConfigurableApplicationContext> {

    /** A property that is there when this database runs: how psql reaches it. */
    public static final String URI = "developmentDatabase.uri";

    private static final Logger LOG = LoggerFactory.getLogger(DevelopmentDatabase.class);
    private static final String DATA_DIRECTORY = "sluice.development.data-directory";
    private static final int PREFERRED_PORT = 15432;

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        ConfigurableEnvironment environment = context.getEnvironment();
        // Building the ahead-of-time classes makes the context, too, and needs no database.
        if (environment.containsProperty("spring.r2dbc.url") || Boolean.getBoolean("spring.aot.processing")) {
            return;
        }
        if (!ClassUtils.isPresent(
                "io.zonky.test.db.postgres.embedded.PgBinaryResolver", DevelopmentDatabase.class.getClassLoader())) {
            throw new StartupException(
                    "No database is configured.",
                    "Set SPRING_R2DBC_URL (or the property spring.r2dbc.url), for example"
                            + " r2dbc:postgresql://postgres:5432/sluice, with SPRING_R2DBC_USERNAME and"
                            + " SPRING_R2DBC_PASSWORD.");
        }
        Path data = Path.of(environment.getProperty(DATA_DIRECTORY, ".sluice/postgres"));
        Running running = start(data.toAbsolutePath().normalize());
        if (context.getBeanFactory() instanceof DefaultSingletonBeanRegistry beans) {
            beans.registerDisposableBean("developmentDatabase", running::stop);
        }
        // Also when the context fails before it has beans; handlers run when all contexts are closed.
        SpringApplication.getShutdownHandlers().add(running::stop);
        environment.getPropertySources().addFirst(new MapPropertySource("developmentDatabase", running.properties()));
        // The page then shows contents of logs without a login, and to nobody else.
        environment
                .getPropertySources()
                .addLast(new MapPropertySource("developmentDefaults", Map.of("server.address", "127.0.0.1")));
    }

    private static Running start(Path data) {
        try {
            FileLock lock = lock(data);
            EmbeddedServer server = EmbeddedServer.prepare(data.resolveSibling("bin"), data);
            // A run that was killed leaves its server running; it would keep the port.
            server.stop();
            int port = port();
            server.start(port);
            Running running = new Running(server, port, lock);
            LOG.info("PostgreSQL for development runs, with its data in {}; reach it by: psql {}", data, running.uri());
            return running;
        } catch (IOException e) {
            throw new StartupException(
                    "The embedded PostgreSQL does not start: " + e.getMessage(),
                    "Or set spring.r2dbc.url (SPRING_R2DBC_URL) to use another one.",
                    e);
        }
    }

    /** Two runs must not share a folder: the first to end would stop the other's database. */
    private static FileLock lock(Path data) throws IOException {
        Path file = data.resolveSibling(data.getFileName() + ".lock");
        Files.createDirectories(data.resolveSibling("bin"));
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        @Nullable FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            LOG.debug("This process has the lock already", e);
        }
        if (lock == null) {
            channel.close();
            throw new IOException("another run uses " + data + "; set " + DATA_DIRECTORY + " for a second one");
        }
        return lock;
    }

    /** The same from run to run, so that a psql command stays right, unless somebody else has it. */
    private static int port() throws IOException {
        InetAddress address = InetAddress.ofLiteral(EmbeddedServer.HOST);
        try (ServerSocket socket = new ServerSocket(PREFERRED_PORT, 1, address)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            LOG.debug("Port {} is taken", PREFERRED_PORT, e);
        }
        try (ServerSocket socket = new ServerSocket(0, 1, address)) {
            return socket.getLocalPort();
        }
    }

    /** The server and the lock on its folder. */
    private record Running(EmbeddedServer server, int port, FileLock lock) {

        String uri() {
            return "postgresql://" + EmbeddedServer.USER + ":" + EmbeddedServer.PASSWORD + "@" + EmbeddedServer.HOST
                    + ":" + port + "/" + EmbeddedServer.DATABASE;
        }

        Map<String, Object> properties() {
            return Map.of(
                    URI,
                    uri(),
                    "spring.r2dbc.url",
                    "r2dbc:postgresql://" + EmbeddedServer.HOST + ":" + port + "/" + EmbeddedServer.DATABASE,
                    "spring.r2dbc.username",
                    EmbeddedServer.USER,
                    "spring.r2dbc.password",
                    EmbeddedServer.PASSWORD);
        }

        /** Once; after the lock is given back the folder may be another run's. */
        synchronized void stop() {
            if (!lock.isValid()) {
                return;
            }
            try {
                server.stop();
                // Closing the file gives the lock back.
                lock.acquiredBy().close();
            } catch (IOException e) {
                LOG.warn("The embedded PostgreSQL does not stop: {}", e.getMessage());
            }
        }
    }
}
