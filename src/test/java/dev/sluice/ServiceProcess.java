package dev.sluice;

import dev.sluice.testing.Await;
import dev.sluice.testing.FreePort;
import dev.sluice.testing.PostgresExtension;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The application in a process of its own, as an operator starts it. */
final class ServiceProcess implements AutoCloseable {

    private final Process process;
    private final int port;
    private final ConcurrentLinkedQueue<String> output = new ConcurrentLinkedQueue<>();
    private final Thread reader;

    private ServiceProcess(Process process, int port) {
        this.process = process;
        this.port = port;
        reader = Thread.ofPlatform().daemon().start(this::readOutput);
    }

    static ServiceProcess start(PostgresExtension postgres, List<String> flags, String... more) throws IOException {
        return start(List.of(), postgres, flags, more);
    }

    /** As a shell does that sets a limit of open files first. */
    static ServiceProcess startWithin(int openFilesMax, PostgresExtension postgres, String... more) throws IOException {
        List<String> shell = List.of("sh", "-c", "ulimit -n " + openFilesMax + "; exec \"$@\"", "sh");
        return start(shell, postgres, List.of("-Xmx128m"), more);
    }

    /** As it is released. */
    static ServiceProcess startJar(PostgresExtension postgres, String... more) throws IOException {
        return run(List.of(), List.of("-Xmx128m", "-jar", System.getProperty("sluice.jar")), postgres, more);
    }

    private static ServiceProcess start(
            List<String> shell, PostgresExtension postgres, List<String> flags, String... more) throws IOException {
        List<String> program = new ArrayList<>(flags);
        program.addAll(List.of("-cp", System.getProperty("java.class.path"), SluiceApplication.class.getName()));
        return run(shell, program, postgres, more);
    }

    private static ServiceProcess run(
            List<String> shell, List<String> program, PostgresExtension postgres, String... more) throws IOException {
        int port = FreePort.next();
        List<String> command = new ArrayList<>(shell);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(program);
        command.addAll(List.of(RunningSluice.arguments(postgres, more)));
        command.add("--sluice.listeners.main.port=" + port);
        command.removeIf("--sluice.listeners.main.port=0"::equals);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment()
                .keySet()
                .removeIf(name -> name.contains("JAVA")); // the JVM writes a line about its options
        return new ServiceProcess(builder.start(), port);
    }

    private void readOutput() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            lines.lines().forEach(output::add);
        } catch (IOException | UncheckedIOException e) {
            output.add(e.toString()); // it was killed
        }
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    /** What it wrote so far. */
    String output() {
        return String.join("\n", output);
    }

    void awaitStarted() {
        awaitOutput("Started SluiceApplication");
    }

    /** Until a line has this. */
    void awaitOutput(String text) {
        Await.until(text + ": " + output(), Duration.ofSeconds(90), () -> {
            if (!process.isAlive()) {
                throw new AssertionError("ended before " + text + ": " + output());
            }
            return output.stream().anyMatch(line -> line.contains(text));
        });
    }

    /** What it holds of the machine's memory. */
    long residentBytes() {
        try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            String line =
                    lines.filter(name -> name.startsWith("VmRSS:")).findFirst().orElseThrow();
            return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends SIGTERM; by its handle, because that of the process itself would also close what it writes to. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** Its exit status. */
    int awaitExit(Duration limit) throws InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("still alive after " + limit + ": " + output());
        }
        reader.join();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
