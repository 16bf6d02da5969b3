package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** Without a configured database: what a newcomer reads, types and sees. */
@ExtendWith(OutputCaptureExtension.class)
class FirstRunIT {

    private static final Pattern SEND = Pattern.compile("from another terminal: (bash -c .*)");
    private static final Pattern LOOK =
            Pattern.compile("psql postgresql://(\\w+):(\\w+)@(\\S+) -c '([^']+)'; .* at (http:\\S+) counts it");

    @TempDir
    static Path folder;

    private static ConfigurableApplicationContext sluice;
    private static String output;

    @BeforeAll
    static void start(CapturedOutput captured) {
        sluice = new SpringApplicationBuilder(SluiceApplication.class)
                .run(
                        "--sluice.development.data-directory=" + folder.resolve("postgres"),
                        "--server.port=0",
                        "--sluice.listeners.main.port=0",
                        "--sluice.listeners.main.max-connections=1000");
        output = captured.toString();
    }

    @AfterAll
    static void stop() {
        sluice.close();
    }

    @Test
    void whatTheStartSaysToTypeStoresAnEventAndShowsIt() throws Exception {
        Process typed =
                new ProcessBuilder("sh", "-c", found(SEND).group(1)).inheritIO().start();
        assertThat(typed.waitFor()).isZero();

        Matcher look = found(LOOK);
        Await.until("stored", Duration.ofSeconds(30), () -> rows(look).equals("hello from me"));
        Await.until(
                "counted",
                Duration.ofSeconds(30),
                () -> get(look.group(5) + "status").body().contains("\"storedEvents\":1,"));
    }

    @Test
    void theRootOfTheHttpPortSaysWhereToLook() {
        String root = "http://127.0.0.1:" + sluice.getEnvironment().getProperty("local.server.port") + "/";
        HttpResponse<String> page = get(root);
        assertThat(page.statusCode()).isEqualTo(200);
        Matcher links = Pattern.compile("href=\"([^\"]+)\"").matcher(page.body());
        assertThat(links.results().map(link -> get(root + link.group(1)).statusCode()))
                .hasSizeGreaterThan(5)
                .containsOnly(200);
    }

    @Test
    void theHttpPortHasAThreadOfItsOwn() {
        get("http://127.0.0.1:" + sluice.getEnvironment().getProperty("local.server.port") + "/");
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .anyMatch(name -> name.startsWith("sluice-http"));
    }

    private static Matcher found(Pattern pattern) {
        Matcher matcher = pattern.matcher(output);
        assertThat(matcher.find()).as(output).isTrue();
        return matcher;
    }

    private static String rows(Matcher look) {
        String url = "jdbc:postgresql://" + look.group(3);
        try (Connection connection = DriverManager.getConnection(url, look.group(1), look.group(2));
                ResultSet rows = connection.createStatement().executeQuery(look.group(4))) {
            return rows.next() ? rows.getString("message") : "";
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HttpResponse<String> get(String address) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
