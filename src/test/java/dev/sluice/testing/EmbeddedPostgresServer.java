package dev.sluice.testing;

import dev.sluice.embedded.EmbeddedServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import org.springframework.util.FileSystemUtils;

/** PostgreSQL as processes of this machine, by the code that development runs use. */
final class EmbeddedPostgresServer implements PostgresServer {

    /** Where the programs are unpacked, once for all tests of a user. */
    private static final Path HOME =
            Path.of(System.getProperty("java.io.tmpdir"), "sluice-test-" + System.getProperty("user.name"));

    private final Path folder;
    private final EmbeddedServer server;

    private final int port;

    private EmbeddedPostgresServer(Path folder, EmbeddedServer server, int port) {
        this.folder = folder;
        this.server = server;
        this.port = port;
    }

    static EmbeddedPostgresServer started() {
        try {
            Path folder = Files.createTempDirectory("sluice-postgres-");
            var server = new EmbeddedPostgresServer(
                    folder, EmbeddedServer.prepare(HOME, folder.resolve("data")), FreePort.next());
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One that speaks TLS, too. */
    static EmbeddedPostgresServer started(TestAuthority.Certificate certificate) {
        EmbeddedPostgresServer server = started();
        server.stop();
        server.secure(certificate);
        server.start();
        return server;
    }

    /** A second one that follows this one, which is stopped for a moment to copy its files. */
    EmbeddedPostgresServer withStandby() {
        String program = family().getFirst().info().command().orElseThrow();
        stop();
        try {
            Path copy = Files.createTempDirectory("sluice-postgres-");
            single(program, "postgres", "alter role " + user() + " replication");
            Processes.run("cp", "-a", folder.resolve("data").toString(), copy.toString());
            Path data = copy.resolve("data");
            Files.createFile(data.resolve("standby.signal"));
            Files.writeString(
                    data.resolve("postgresql.auto.conf"),
                    "primary_conninfo = 'host=%s port=%d user=%s password=%s'\n"
                            .formatted(host(), port, user(), password()),
                    StandardOpenOption.APPEND);
            var standby = new EmbeddedPostgresServer(copy, EmbeddedServer.prepare(HOME, data), FreePort.next());
            start();
            standby.start();
            return standby;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As the superuser, whose password nobody knows; the server must be stopped. */
    private void single(String program, String database, String sql) throws IOException {
        String data = folder.resolve("data").toString();
        Processes.run(
                "unshare",
                "--user",
                "sh",
                "-c",
                "echo \"$1\" | \"$0\" --single -D \"$2\" \"$3\"",
                program,
                sql,
                data,
                database);
    }

    @Override
    public void allowRoles() {
        asSuperuser("postgres", "alter role " + user() + " createrole");
    }

    @Override
    public void asSuperuser(String database, String sql) {
        String program = family().getFirst().info().command().orElseThrow();
        stop();
        try {
            single(program, database, sql);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start();
    }

    @Override
    public void save() {
        String data = folder.resolve("data").toString();
        try {
            Processes.run("cp", "-a", data, folder.resolve("saved").toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void restore() {
        try {
            FileSystemUtils.deleteRecursively(folder.resolve("data"));
            Files.move(folder.resolve("saved"), folder.resolve("data"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void promote() {
        try {
            Files.createFile(folder.resolve("data").resolve("promote"));
            Processes.signal("USR1", family().stream().limit(1).toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void secure(TestAuthority.Certificate certificate) {
        Path data = folder.resolve("data");
        certificate.write(data);
        try {
            for (String name : List.of("tls.crt", "tls.key")) {
                Path file = data.resolve(name);
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
                Files.setOwner(file, Files.getOwner(data)); // the server runs as somebody else than root
            }
            Files.writeString(
                    data.resolve("postgresql.auto.conf"),
                    "ssl = on\nssl_cert_file = 'tls.crt'\nssl_key_file = 'tls.key'\n",
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String host() {
        return EmbeddedServer.HOST;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public String user() {
        return EmbeddedServer.USER;
    }

    @Override
    public String password() {
        return EmbeddedServer.PASSWORD;
    }

    @Override
    public void start() {
        try {
            server.start(port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitReady(Duration.ofSeconds(60));
    }

    @Override
    public void stop() {
        try {
            server.stop();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void kill() {
        List<ProcessHandle> all = freezeAll();
        Processes.signal("KILL", all);
        Processes.awaitEnd(all);
    }

    @Override
    public void freeze() {
        freezeAll();
    }

    @Override
    public void thaw() {
        Processes.signal("CONT", family());
    }

    /** The role is no superuser: the file is written as ALTER SYSTEM would, and the last line of a name counts. */
    @Override
    public void changeSetting(Connection connection, String name, String value) {
        try {
            Files.writeString(
                    folder.resolve("data").resolve("postgresql.auto.conf"),
                    name + " = '" + value + "'\n",
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Processes.signal("HUP", family().stream().limit(1).toList());
    }

    /** The postmaster first: it starts no further process while the others are looked up. */
    private List<ProcessHandle> freezeAll() {
        Processes.signal("STOP", family().stream().limit(1).toList());
        List<ProcessHandle> all = family();
        Processes.signal("STOP", all);
        return all;
    }

    private List<ProcessHandle> family() {
        try {
            var pid = server.pid();
            return pid.isPresent() ? Processes.family(pid.getAsLong()) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
        try {
            FileSystemUtils.deleteRecursively(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
