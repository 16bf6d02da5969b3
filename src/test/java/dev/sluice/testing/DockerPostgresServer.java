package dev.sluice.testing;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** PostgreSQL in a container. */
final class DockerPostgresServer implements PostgresServer {

    private static final Logger LOG = LoggerFactory.getLogger(DockerPostgresServer.class);
    private static final String POSTGRES_18 = "postgres:18";

    private final Container container;
    private final int port;

    private DockerPostgresServer(Container container, int port) {
        this.container = container;
        this.port = port;
    }

    /** A container whose port on this machine stays the same when it is started again. */
    private static final class Container extends PostgreSQLContainer {
        Container(int port) {
            super(POSTGRES_18);
            addFixedExposedPort(port, POSTGRESQL_PORT);
        }
    }

    /**
     * Whether an engine answers; asks nobody but the socket itself first, so that a machine without one costs nothing.
     */
    static boolean available() {
        String host = System.getenv().getOrDefault("DOCKER_HOST", "unix:///var/run/docker.sock");
        if (host.startsWith("unix://")) {
            Path socket = Path.of(host.substring("unix://".length()));
            try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(UnixDomainSocketAddress.of(socket));
            } catch (IOException e) {
                return false;
            }
        }
        try {
            return DockerClientFactory.instance().isDockerAvailable() && hasImage();
        } catch (RuntimeException e) { // an engine that cannot get Testcontainers' own image, for instance
            LOG.warn("The Docker engine cannot be used", e);
            return false;
        }
    }

    private static boolean hasImage() {
        DockerClient client = DockerClientFactory.instance().client();
        try {
            client.inspectImageCmd(POSTGRES_18).exec();
            return true;
        } catch (NotFoundException e) {
            return pulled(client);
        }
    }

    private static boolean pulled(DockerClient client) {
        try {
            return client.pullImageCmd(POSTGRES_18).start().awaitCompletion(30, TimeUnit.SECONDS);
        } catch (DockerException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    static DockerPostgresServer started() {
        int port = FreePort.next();
        Container container = new Container(port);
        // Testcontainers switches fsync off.
        container.withUsername("sluice").withPassword("sluice").withDatabaseName("sluice");
        container.withCommand("postgres", "-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "timezone=UTC");
        container.start();
        return new DockerPostgresServer(container, port);
    }

    @Override
    public String host() {
        return container.getHost();
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public String user() {
        return container.getUsername();
    }

    @Override
    public String password() {
        return container.getPassword();
    }

    @Override
    public void start() {
        container
                .getDockerClient()
                .startContainerCmd(container.getContainerId())
                .exec();
        awaitReady(Duration.ofSeconds(60));
    }

    @Override
    public void stop() {
        container
                .getDockerClient()
                .stopContainerCmd(container.getContainerId())
                .withTimeout(60)
                .exec();
    }

    @Override
    public void kill() {
        container.getDockerClient().killContainerCmd(container.getContainerId()).exec();
    }

    @Override
    public void freeze() {
        container
                .getDockerClient()
                .pauseContainerCmd(container.getContainerId())
                .exec();
    }

    @Override
    public void thaw() {
        container
                .getDockerClient()
                .unpauseContainerCmd(container.getContainerId())
                .exec();
    }

    @Override
    public void close() {
        container.stop();
    }
}
