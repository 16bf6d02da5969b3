package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.PostgresExtension;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.core.env.Environment;

/** Where the page is, and who sees contents of logs where there are no users. */
class PageAccessIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    @Test
    void withoutUsersThisMachineAloneMayIfTheServerIsBoundToIt() {
        try (RunningSluice sluice = RunningSluice.on(POSTGRES, "--server.address=127.0.0.1")) {
            int port = port(sluice, "local.server.port");
            assertThat(Http.get(port, "/dead-letters")).startsWith("HTTP/1.1 200");
            assertThat(Http.get(port, "/dead-letters", "Host: localhost:" + port))
                    .startsWith("HTTP/1.1 200");
            assertThat(Http.get(port, "/dead-letters", "Host: evil.example:" + port))
                    .startsWith("HTTP/1.1 403")
                    .contains("ask 127.0.0.1 or localhost");
            assertThat(Http.get(port, "/dead-letters", "X-Forwarded-For: 10.0.0.7"))
                    .as("through a proxy")
                    .startsWith("HTTP/1.1 403");
        }
    }

    @Test
    void thePageMovesToTheManagementPortAndNobodyMaySeeContents() {
        try (RunningSluice sluice =
                RunningSluice.on(POSTGRES, "--sluice.admin.page=management", "--management.server.port=0")) {
            int main = port(sluice, "local.server.port");
            int management = port(sluice, "local.management.port");
            assertThat(Http.get(management, "/")).startsWith("HTTP/1.1 200").contains("<title>Sluice</title>");
            assertThat(Http.get(management, "/status"))
                    .startsWith("HTTP/1.1 200")
                    .contains("\"lanes\":");
            assertThat(Http.get(management, "/actuator/health/liveness")).startsWith("HTTP/1.1 200");
            assertThat(Http.get(management, "/dead-letters"))
                    .startsWith("HTTP/1.1 403")
                    .contains("SLUICE_ADMIN_USERS_NAME_PASSWORD");
            for (String path : List.of("/", "/status", "/dead-letters", "/page.js", "/login")) {
                assertThat(Http.get(main, path)).as(path).startsWith("HTTP/1.1 404");
            }
        }
    }

    @Test
    void thePageIsSwitchedOff() {
        try (RunningSluice sluice = RunningSluice.on(
                POSTGRES,
                "--sluice.admin.page=off",
                "--server.address=127.0.0.1",
                "--sluice.admin.users.ann.password={noop}x")) {
            int port = port(sluice, "local.server.port");
            for (String path : List.of("/", "/status", "/page.js", "/login")) {
                assertThat(Http.get(port, path)).as(path).startsWith("HTTP/1.1 404");
            }
            assertThat(Http.get(port, "/dead-letters", "Authorization: Basic YW5uOng="))
                    .startsWith("HTTP/1.1 404");
            assertThat(Http.get(port, "/actuator/prometheus")).startsWith("HTTP/1.1 200");
        }
    }

    private static int port(RunningSluice of, String name) {
        return of.part(Environment.class).getRequiredProperty(name, Integer.class);
    }
}
