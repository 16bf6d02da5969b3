package dev.sluice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.metrics.PipelineMetrics;
import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.core.env.Environment;
import org.springframework.security.crypto.bcrypt.BCrypt;

/** The page as a browser, curl, and those who attack it see it; each request is a connection with bytes of its own. */
class PageIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private static final String EVIL = "<script>alert(1)</script>\u0000\u202e\"'";

    private static RunningSluice sluice;
    private static int port;

    @BeforeAll
    static void start() {
        sluice = RunningSluice.on(
                POSTGRES,
                "--spring.main.cloud-platform=kubernetes", // where Spring would believe X-Forwarded-For
                "--sluice.admin.users.ann.password={bcrypt}" + BCrypt.hashpw("open sesame", BCrypt.gensalt(4)),
                "--sluice.admin.users.bob.password={noop}both",
                "--sluice.admin.users.bob.roles=look,replay",
                "--sluice.admin.users.cy.password={noop}nothing",
                "--sluice.admin.users.cy.roles=replay");
        port = port(sluice, "local.server.port");
        POSTGRES.execute(
                "insert into dead_letter values (now(), ?, 'main', 'syslog', 'malformed', ?, ?)",
                EVIL.replace("\0", ""),
                EVIL.replace("\0", ""),
                (EVIL + "x".repeat(5000)).getBytes(UTF_8));
    }

    @AfterAll
    static void stop() {
        sluice.close();
    }

    @Test
    void thePageIsServedWithWhatABrowserHasToKnow() {
        String page = get("/");
        assertThat(page)
                .startsWith("HTTP/1.1 200")
                .contains("<title>Sluice</title>")
                .containsIgnoringCase("content-security-policy: default-src 'self';")
                .contains("frame-ancestors 'none'")
                .containsIgnoringCase("x-content-type-options: nosniff")
                .containsIgnoringCase("cache-control: no-cache");
        assertThat(page).as("inline code").doesNotContainPattern("(?i)<script>|<style|\\son\\w+=|style=");
        String tag = header(page, "etag");
        assertThat(get("/", "If-None-Match: " + tag)).startsWith("HTTP/1.1 304");
        for (String file : List.of("/page.css", "/page.js", "/page.svg")) {
            assertThat(get(file)).as(file).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void noOtherFileIsServed() {
        for (String path : List.of(
                "/page.html",
                "/application.yml",
                "/../application.yml",
                "/page.css/../../../application.yml",
                "/%2e%2e/%2e%2e/application.yml",
                "/..%2fapplication.yml",
                "//etc/passwd",
                "/page.js%00.html",
                "/static/index.html",
                "/webjars/x")) {
            assertThat(get(path)).as(path).containsPattern("^HTTP/1.1 4\\d\\d").doesNotContain("banner-mode", "root:");
        }
    }

    @Test
    void theActuatorAsksForNoLogin() {
        for (String path : List.of(
                "/actuator/health",
                "/actuator/health/liveness",
                "/actuator/health/readiness",
                "/actuator/prometheus")) {
            assertThat(get(path)).as(path).startsWith("HTTP/1.1 200");
            assertThat(get(path, basic("nobody", "wrong"))).as(path).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void theStatusIsOnePictureOrAStream() throws IOException {
        assertThat(get("/status"))
                .startsWith("HTTP/1.1 200")
                .contains("\"bottleneck\":", "\"lanes\":[{\"state\":", "\"retentionDays\":30", "\"version\":")
                .doesNotContain("alert(1)");
        try (Http stream = new Http(port, null)) {
            stream.send("GET /status", "Accept: text/event-stream");
            String text = stream.until("\n\n", 2);
            assertThat(text)
                    .containsIgnoringCase("content-type: text/event-stream")
                    .contains("data: {\"at\":\"");
        }
    }

    @Test
    void connectionsAndSourcesAreSeenAndKeptCount() throws IOException {
        try (Socket shipper = new Socket("127.0.0.1", sluice.port(), InetAddress.ofLiteral("127.0.0.77"), 0)) {
            shipper.getOutputStream().write("<14>1 - h seen - - - first\n".getBytes(UTF_8));
            Await.until(
                    "seen",
                    () -> get("/status")
                            .contains(
                                    "{\"source\":\"127.0.0.77\",\"listener\":\"main\",\"protocol\":\"syslog\",\"count\":1,"));
        }
        Await.until("gone", () -> get("/status").contains("\"open\":0"));
        assertThat(get("/status")).contains("{\"source\":\"127.0.0.77\",\"bytes\":27}");
        sluice.part(PipelineMetrics.class).sourceBytes().refresh(); // which comes by itself every 15 s
        assertThat(get("/actuator/prometheus"))
                .contains("sluice_source_received_bytes_total{source=\"127.0.0.77\"} 27.0");
    }

    @Test
    void contentsNeedALogin() {
        String refused = get("/dead-letters");
        assertThat(refused)
                .startsWith("HTTP/1.1 401")
                .containsIgnoringCase("www-authenticate: Basic")
                .containsIgnoringCase("cache-control: no-store")
                .doesNotContain("alert(1)", "set-cookie");
        assertThat(get("/dead-letters", "X-Requested-With: page"))
                .startsWith("HTTP/1.1 401")
                .doesNotContainIgnoringCase("www-authenticate");
        assertThat(get("/dead-letters", basic("cy", "nothing")))
                .startsWith("HTTP/1.1 403")
                .contains("Your roles do not allow this.");
        assertThat(get("/dead-letters?access_token=x&username=ann&password=open+sesame"))
                .startsWith("HTTP/1.1 401");
        for (String path :
                List.of("/dead-letters/", "/DEAD-LETTERS", "/dead-letters;x=1", "//dead-letters", "/%64ead-letters")) {
            assertThat(get(path)).as(path).startsWith("HTTP/1.1 4").doesNotContain("alert(1)");
        }
    }

    @Test
    void aDeadLetterIsTextWhateverItHolds() {
        String letters = get("/dead-letters?limit=1", basic("ann", "open sesame"));
        assertThat(letters)
                .startsWith("HTTP/1.1 200")
                .containsIgnoringCase("content-type: application/json")
                .containsIgnoringCase("cache-control: no-store")
                .doesNotContainIgnoringCase("set-cookie")
                .contains("\"bytes\":" + (EVIL + "x".repeat(5000)).getBytes(UTF_8).length)
                .contains("\"payload\":\"<script>alert(1)</script>\\\\u{0}\\\\u{202e}\\\"'xxx")
                .doesNotContain("x".repeat(1024));
        for (String limit : List.of("0", "101", "-1", "a", "", "1;drop table dead_letter", "99999999999")) {
            assertThat(get("/dead-letters?limit=" + limit.replace(" ", "%20"), basic("ann", "open sesame")))
                    .as(limit)
                    .startsWith("HTTP/1.1 400");
        }
    }

    @Test
    void theFormMakesASessionThatCanBeLeft() {
        String login = post("/login", "username=ann&password=open+sesame");
        assertThat(login).startsWith("HTTP/1.1 204");
        String cookie = header(login, "set-cookie");
        assertThat(cookie)
                .startsWith("SLUICE=")
                .containsIgnoringCase("httponly")
                .contains("SameSite=Strict");
        String session = "Cookie: " + cookie.substring(0, cookie.indexOf(';'));
        assertThat(get("/login", session)).contains("{\"user\":\"ann\"}");
        assertThat(get("/login")).contains("{}");
        assertThat(get("/dead-letters", session)).startsWith("HTTP/1.1 200");
        assertThat(post("/logout", "", session, "Sec-Fetch-Site: cross-site")).startsWith("HTTP/1.1 403");
        assertThat(get("/dead-letters", session)).startsWith("HTTP/1.1 200");
        assertThat(post("/logout", "", session, "Sec-Fetch-Site: same-origin")).startsWith("HTTP/1.1 204");
        assertThat(get("/dead-letters", session)).startsWith("HTTP/1.1 401");
    }

    @Test
    void anotherSiteCannotLogSomebodyIn() {
        assertThat(post("/login", "username=ann&password=open+sesame", "Origin: http://evil.example"))
                .startsWith("HTTP/1.1 403")
                .doesNotContainIgnoringCase("set-cookie");
        assertThat(post("/login", "username=ann&password=open+sesame", "Cookie: SLUICE=chosen-by-the-attacker"))
                .startsWith("HTTP/1.1 204")
                .doesNotContain("chosen-by-the-attacker");
    }

    @Test
    void whoGuessesIsStoppedAndHealthGoesOn() throws IOException {
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            try (Http guess = new Http(port, "127.0.0.66")) {
                guess.send("GET /dead-letters", basic(i % 2 == 0 ? "ann" : "nobody", "guess " + i));
                answers.add(guess.rest().lines().findFirst().orElse(""));
            }
        }
        try (Http spelled = new Http(port, "127.0.0.66")) {
            spelled.post("/%6Cogin", "username=ann&password=open+sesame", "X-Forwarded-For: 10.0.0.9");
            assertThat(spelled.rest()).startsWith("HTTP/1.1 429");
        }
        assertThat(answers.subList(0, 10)).allMatch(answer -> answer.contains("401"));
        assertThat(answers.subList(10, 12)).allMatch(answer -> answer.contains("429"));
        assertThat(get("/actuator/health/liveness")).startsWith("HTTP/1.1 200");
        assertThat(get("/dead-letters", basic("ann", "open sesame"))).startsWith("HTTP/1.1 200");
    }

    private static int port(RunningSluice of, String name) {
        return of.part(Environment.class).getRequiredProperty(name, Integer.class);
    }

    private static String header(String answer, String name) {
        return answer.lines()
                .filter(line -> line.regionMatches(true, 0, name + ": ", 0, name.length() + 2))
                .map(line -> line.substring(name.length() + 2))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + name + " in " + answer));
    }

    private static String basic(String name, String password) {
        return "Authorization: Basic " + Base64.getEncoder().encodeToString((name + ":" + password).getBytes(UTF_8));
    }

    private static String get(String path, String... headers) {
        return Http.get(port, path, headers);
    }

    private static String post(String path, String body, String... headers) {
        try (Http http = new Http(port, null)) {
            http.post(path, body, headers);
            return http.rest();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
