package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import dev.sluice.testing.BesideOthers;
import dev.sluice.testing.FreePort;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A process that may not open as many files as its shippers would take. */
@BesideOthers
class DescriptorsIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.dedicated();

    private final int http = FreePort.next();
    private final List<Socket> flood = new ArrayList<>();

    @AfterEach
    void closeAll() throws IOException {
        for (Socket socket : flood) {
            socket.close();
        }
    }

    @Test
    void lanesAndHealthHaveTheirsWhateverShippersTake() throws Exception {
        try (ServiceProcess sluice = ServiceProcess.startWithin(
                400, POSTGRES, "--server.port=" + http, "--sluice.listeners.main.max-connections=10000")) {
            sluice.awaitStarted();
            assertThat(sluice.output()).contains("400 files open", "max-connections is 10000", "ulimit -n");
            try (RelpShipper shipper = new RelpShipper(sluice.port())) {
                connect(sluice, 600);
                POSTGRES.execute("select pg_terminate_backend(pid) from pg_stat_activity"
                        + " where application_name like 'sluice%'");
                shipper.send("beside a flood");
                shipper.awaitAnswer();
                assertThat(get("/actuator/health/liveness")).contains("UP");
                assertThat(get("/actuator/prometheus"))
                        .containsPattern("sluice_connections_rejected_total.*reason=\"descriptors\"} [1-9]");
            }
        }
    }

    @Test
    void whenThereAreNoneItIsSaidAndGoesOnWhenTheyAreBack() throws Exception {
        try (ServiceProcess sluice = ServiceProcess.start(POSTGRES, List.of("-Xmx128m"), "--server.port=" + http)) {
            sluice.awaitStarted();
            assertThat(get("/actuator/health/liveness")).contains("UP");
            // Classes are loaded from files, so that the first connection must come while there are some left.
            assertThat(isAcknowledged(sluice)).isTrue();
            limit(sluice, Long.toString(open(sluice)));
            connect(sluice, 5);
            Await.until(
                    "said",
                    LIMIT,
                    () -> sluice.output().contains("Port main gets no connection from the kernel")
                            && sluice.output().contains("Too many open files"));
            limit(sluice, "4096");
            Await.until("acknowledged", LIMIT.multipliedBy(3), () -> isAcknowledged(sluice));
            assertThat(get("/actuator/prometheus")).containsPattern("sluice_accepts_failed_total.* [1-9]");
        }
    }

    /** Until the next look at the limit it is refused. */
    private static boolean isAcknowledged(ServiceProcess sluice) {
        try (RelpShipper shipper = new RelpShipper(sluice.port())) {
            shipper.send("after the want");
            shipper.awaitAnswer();
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    private void connect(ServiceProcess sluice, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            flood.add(new Socket("127.0.0.1", sluice.port()));
        }
    }

    private static long open(ServiceProcess sluice) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc", Long.toString(sluice.pid()), "fd"))) {
            return all.count();
        }
    }

    /** The hard limit stays, so that it can be raised again. */
    private static void limit(ServiceProcess sluice, String soft) throws Exception {
        Process set = new ProcessBuilder("prlimit", "--pid", Long.toString(sluice.pid()), "--nofile=" + soft + ":")
                .inheritIO()
                .start();
        assertThat(set.waitFor()).isZero();
    }

    private String get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http + path))
                .timeout(LIMIT)
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }
}
