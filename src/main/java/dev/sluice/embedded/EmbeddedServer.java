package dev.sluice.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.UUID.randomUUID;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * One PostgreSQL server on this machine: its folder, its port, start and stop. It runs in a session of its own, so that
 * Ctrl-C at the terminal reaches the service first, and nothing ends it but {@link #stop()}: what was read can still be
 * committed while the service drains. {@code fsync} and {@code synchronous_commit} are on, as in earnest.
 */
public final class EmbeddedServer {

    /** The address it listens on, and no other. */
    public static final String HOST = "127.0.0.1";

    /** The role that owns the database; it may create further databases and is no superuser. */
    public static final String USER = "sluice";

    /** The role's password. */
    public static final String PASSWORD = "sluice";

    /** The database. */
    public static final String DATABASE = "sluice";

    private final Path bin;
    private final Path data;
    private final Path log;

    private EmbeddedServer(Path bin, Path data, Path log) {
        this.bin = bin;
        this.data = data;
        this.log = log;
    }

    /**
     * Prepares a server: unpacks the programs and initialises the folder where that was not done before.
     *
     * @param home where the programs and the log go
     * @param data the database's files
     */
    public static EmbeddedServer prepare(Path home, Path data) throws IOException {
        Path folder = data.toAbsolutePath().normalize();
        Path bin = PostgresBinaries.unpackedBelow(home.toAbsolutePath().normalize());
        Path log = folder.resolveSibling(folder.getFileName() + ".log");
        EmbeddedServer server = new EmbeddedServer(bin, folder, log);
        if (!Files.exists(folder.resolve("PG_VERSION"))) {
            server.initialise();
        }
        return server;
    }

    /** Starts it and waits until it takes connections; what an earlier run left is cleared away first. */
    public void start(int port) throws IOException {
        if (pid().isPresent()) {
            stop();
        }
        clearReusedPid();
        String options = "-p " + port + " -c listen_addresses=" + HOST
                + " -c unix_socket_directories= -c timezone=UTC -c synchronous_commit=on";
        run("", "pg_ctl", "-D", data.toString(), "-l", log.toString(), "-t", "120", "-w", "-o", options, "start");
    }

    /** Stops it; sessions are ended, nothing that was committed is lost. */
    public void stop() throws IOException {
        if (pid().isPresent()) {
            run("", "pg_ctl", "-D", data.toString(), "-m", "fast", "-t", "60", "-w", "stop");
        }
    }

    /** The process that runs on this folder now, no matter who started it. */
    public OptionalLong pid() throws IOException {
        OptionalLong recorded = recordedPid();
        return recorded.isPresent() ? ofThisFolder(recorded.getAsLong()) : recorded;
    }

    /**
     * The system may have given the id of a killed server to another process, which PostgreSQL would take for a server.
     * Any other leftover is PostgreSQL's own to judge: it also looks for processes that still use the shared memory.
     */
    private void clearReusedPid() throws IOException {
        OptionalLong recorded = recordedPid();
        if (recorded.isPresent() && ProcessHandle.of(recorded.getAsLong()).isPresent() && pid().isEmpty()) {
            Files.deleteIfExists(pidFile());
        }
    }

    private OptionalLong recordedPid() throws IOException {
        if (!Files.exists(pidFile())) {
            return OptionalLong.empty();
        }
        List<String> lines = Files.readAllLines(pidFile());
        return lines.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseLong(lines.getFirst().trim()));
    }

    private OptionalLong ofThisFolder(long pid) {
        boolean ours = ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .flatMap(process -> process.info().commandLine())
                .filter(command -> command.contains("postgres") && command.contains(data.toString()))
                .isPresent();
        return ours ? OptionalLong.of(pid) : OptionalLong.empty();
    }

    private Path pidFile() {
        return data.resolve("postmaster.pid");
    }

    /** A half-made folder has no {@code PG_VERSION}, or is refused by the server: it is made aside and then moved. */
    private void initialise() throws IOException {
        Files.createDirectories(data.getParent());
        Path fresh = data.resolveSibling(data.getFileName() + "-" + randomUUID());
        Path superuser = Files.createTempFile("sluice", "");
        try {
            // Nobody needs the superuser: its password is forgotten here.
            Files.writeString(superuser, randomUUID().toString());
            run(
                    "",
                    "initdb",
                    "-D",
                    fresh.toString(),
                    "-U",
                    "postgres",
                    "-E",
                    "UTF8",
                    "--locale=C",
                    "-A",
                    "scram-sha-256",
                    "--pwfile=" + superuser);
            run(
                    "create role " + USER + " login createdb password '" + PASSWORD + "'\n" + "create database "
                            + DATABASE + " owner " + USER + "\n",
                    "postgres",
                    "--single",
                    "-D",
                    fresh.toString(),
                    "postgres");
            Files.move(fresh, data);
        } finally {
            Files.delete(superuser);
        }
    }

    /** Runs a program of PostgreSQL to its end; its output is the message of the failure. */
    private void run(String input, String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(RootShield.prefix());
        command.add(bin.resolve(program).toString());
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile("sluice", ".out");
        try {
            // Into a file: a server that pg_ctl starts would keep a pipe open.
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            try (var stdin = process.outputWriter(UTF_8)) {
                stdin.write(input);
            }
            int exit = process.waitFor();
            if (exit != 0) {
                throw new IOException(program + " failed with " + exit + ": "
                        + Files.readString(output).strip() + " (the server's log is " + log + ")");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(program + " was interrupted", e);
        } finally {
            Files.delete(output);
        }
    }
}
