package dev.sluice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tail.Tail;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.core.env.Environment;

/** Events as they come, on the real port. */
class TailIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private static final Duration GRACE = Duration.ofSeconds(30);

    private static RunningSluice sluice;

    @BeforeAll
    static void start() {
        sluice = RunningSluice.on(
                POSTGRES,
                "--server.address=127.0.0.1",
                "--sluice.pipeline.processors[0].name=secrets",
                "--sluice.pipeline.processors[0].redact.patterns=email",
                "--sluice.pipeline.processors[1].name=no-debug",
                "--sluice.pipeline.processors[1].when.severity=debug",
                "--sluice.pipeline.processors[1].filter=");
    }

    /** A tail that is open does not hold the stop back. */
    @AfterAll
    static void stop() throws IOException {
        try (Http tail = tail("/tail");
                Http status = new Http(port(), null)) {
            status.send("GET /status", "Accept: text/event-stream");
            status.until("data: ", 1);
            sluice.close();
            assertThat(tail.rest()).as("the stream has its end").contains("\r\n0\r\n");
            assertThat(status.rest()).as("the stream has its end").contains("\r\n0\r\n");
        }
    }

    @Test
    void showsWhatComesOutOfTheRules() throws IOException {
        try (Http tail = tail("/tail?app=shop&severity=err,debug&text=mail")) {
            send(
                    "<11>1 - web shop - - - mail of ann@example.com", // user.err
                    "<15>1 - web shop - - - mail that a rule drops", // user.debug
                    "<14>1 - web shop - - - mail of another severity",
                    "<11>1 - web pay - - - mail of another app",
                    "<11>1 - web shop - - - no such text",
                    "<11>1 - web shop - - - mail, the last");
            String shown = tail.until("the last", 1);
            assertThat(shown)
                    .contains("\"app\":\"shop\"", "\"host\":\"web\"", "\"severity\":3", "mail of ")
                    .doesNotContain("ann@example.com", "drops", "another", "no such");
        }
    }

    @Test
    void aClientThatDoesNotReadLosesEventsAndIsTold() throws IOException {
        try (Http slow = tail("/tail?app=flood");
                Http quick = tail("/tail?app=other")) {
            String line = "<11>1 - web flood - - - " + "x".repeat(900);
            List<String> lines = new ArrayList<>();
            for (int i = 0; i < 20_000; i++) {
                lines.add(line);
            }
            lines.add("<11>1 - web other - - - after the flood");
            send(lines.toArray(String[]::new));
            assertThat(quick.until("after the flood", 1)).doesNotContain("lost");
            Await.until("all is stored", GRACE, () -> POSTGRES.count("log_event where app = 'flood'") == 20_000);
            String shown = slow.until("{\"tail\":{\"lost\":", 1);
            assertThat(shown.lines().filter(each -> each.contains("flood")).count())
                    .isBetween(50L, 19_900L);
        }
    }

    @Test
    void whatIsNoParameterIsRefused() {
        assertThat(Http.get(port(), "/tail?ap=shop"))
                .startsWith("HTTP/1.1 400")
                .contains("\"ap\" is unknown, expected one or more of app, host, listener, severity, source, text");
        assertThat(Http.get(port(), "/tail?severity=loud"))
                .startsWith("HTTP/1.1 400")
                .contains("severity");
    }

    @Test
    void fewMayLookAndOneWhoGoesMakesRoom() throws IOException {
        List<Http> open = new ArrayList<>();
        for (int i = 0; i < Tail.LISTENERS_MAX; i++) {
            open.add(tail("/tail?app=crowd"));
        }
        assertThat(Http.get(port(), "/tail")).startsWith("HTTP/1.1 503");
        for (Http one : open) {
            one.close();
        }
        Tail tail = sluice.part(Tail.class);
        Await.until("they are forgotten", GRACE, () -> tail.listeners().isEmpty());
    }

    /** Returns when it is open: then the first blank line is there. */
    private static Http tail(String path) throws IOException {
        Http http = new Http(port(), null);
        http.send("GET " + path);
        assertThat(http.until("\r\n\r\n", 1)).startsWith("HTTP/1.1 200").contains("application/x-ndjson");
        http.until("\n", 1);
        return http;
    }

    private static int port() {
        return sluice.part(Environment.class).getRequiredProperty("local.server.port", Integer.class);
    }

    private static void send(String... lines) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", sluice.port())) {
            socket.getOutputStream().write((String.join("\n", lines) + "\n").getBytes(UTF_8));
        }
    }
}
