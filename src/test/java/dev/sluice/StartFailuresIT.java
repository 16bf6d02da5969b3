package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sluice.testing.Await;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What an operator reads who made one of the likely mistakes: all of it, on a real database where it takes one. */
@ExtendWith(OutputCaptureExtension.class)
class StartFailuresIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared().empty();

    private static final String WAITING = "\nThe start ends, because waiting would not help.";

    @TempDir
    private Path folder;

    @Test
    void aWrongPassword(CapturedOutput output) {
        assertThat(saidBy(output, "--spring.r2dbc.password=wrong"))
                .isEqualTo("PostgreSQL at " + server() + " refuses the user or the password [28P01]: set"
                        + " spring.r2dbc.username and spring.r2dbc.password." + WAITING);
    }

    @Test
    void aMissingDatabaseInAnAddressAsJdbcWritesIt(CapturedOutput output) {
        assertThat(saidBy(output, "--spring.r2dbc.url=jdbc:postgresql://" + server() + "/nowhere"))
                .isEqualTo(
                        "PostgreSQL at " + server() + " has no database 'nowhere' [3D000]: create it, or name another"
                                + " one in spring.r2dbc.url." + WAITING);
    }

    /** It may come to be known, so the start waits. */
    @Test
    void aHostWhoseNameIsUnknown(CapturedOutput output) throws InterruptedException {
        String[] arguments =
                RunningSluice.arguments(POSTGRES, "--spring.r2dbc.url=r2dbc:postgresql://nowhere.invalid/logs");
        Thread start = Thread.ofPlatform()
                .start(() -> catchThrowable(() -> SpringApplication.run(SluiceApplication.class, arguments)));
        Await.until(
                "said",
                Duration.ofMinutes(1),
                () -> output.toString().contains("PostgreSQL at nowhere.invalid:5432 is not ready, waiting for it"));
        start.interrupt();
        start.join();
        assertThat(output.toString().lines().filter(line -> line.contains("is not ready")))
                .allSatisfy(line -> assertThat(line).contains(": the name nowhere.invalid is unknown"));
    }

    @Test
    void noPermission(CapturedOutput output) {
        POSTGRES.execute("drop schema public cascade; create schema public");
        POSTGRES.execute("revoke create on schema public from current_user");
        try {
            assertThat(saidBy(output))
                    .isEqualTo("The user of spring.r2dbc.username may not create the tables in database '"
                            + POSTGRES.database() + "' [42501]: grant it CREATE on the schema." + WAITING);
        } finally {
            POSTGRES.execute("grant create on schema public to current_user");
        }
    }

    @Test
    void anotherDatabase(CapturedOutput output) {
        assertThat(saidBy(output, "--spring.r2dbc.url=jdbc:mysql://root:secret@db/logs?password=secret"))
                .isEqualTo("spring.r2dbc (SPRING_R2DBC_URL, SPRING_R2DBC_USERNAME, SPRING_R2DBC_PASSWORD) is wrong: URL"
                        + " jdbc:mysql://root:***@db/logs?password=*** does not start with the r2dbc scheme.\n"
                        + "A right address is, for example, r2dbc:postgresql://postgres:5432/sluice.");
    }

    @Test
    void aPortOfAListenerThatIsTaken(CapturedOutput output) throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(saidBy(output, "--sluice.listeners.main.port=" + taken.getLocalPort()))
                    .isEqualTo("The listener main on 127.0.0.1:" + taken.getLocalPort()
                            + " cannot listen: the port is taken.\n"
                            + "Set sluice.listeners.main.port to a free one, or end what listens there.");
        }
    }

    @Test
    void anAddressOfAListenerThatIsAnotherMachines(CapturedOutput output) {
        assertThat(saidBy(output, "--sluice.listeners.main.host=192.0.2.1"))
                .startsWith("The listener main on 192.0.2.1:0 cannot listen: ")
                .contains("Cannot assign requested address")
                .endsWith("Correct sluice.listeners.main.host and port.")
                .hasLineCount(2);
    }

    @Test
    void anHttpPortThatIsTaken(CapturedOutput output) throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            assertThat(saidBy(output, "--server.port=" + taken.getLocalPort()))
                    .isEqualTo("The HTTP port " + taken.getLocalPort() + " is taken.\n"
                            + "Set server.port (SERVER_PORT) to a free one, or end what listens there.");
        }
    }

    @Test
    void unknownProperties(CapturedOutput output) {
        assertThat(saidBy(output, "--sluice.pipeline.memroy=32MB", "--sluice.listeners.main.max-conections=1"))
                .isEqualTo("""
                        sluice.pipeline.memroy is unknown; did you mean sluice.pipeline.memory?
                        sluice.listeners.main.max-conections is unknown; did you mean sluice.listeners.main.max-connections?
                        docs/configuration.md has all properties.""");
    }

    @Test
    void aBadSize(CapturedOutput output) {
        assertThat(saidBy(output, "--sluice.pipeline.memory=1MB"))
                .isEqualTo("sluice.pipeline.memory is 1MB, expected between 4MB and 64GB\n"
                        + "docs/configuration.md has the bounds of each property.");
    }

    @Test
    void aSecondDevelopmentRun(CapturedOutput output) throws IOException {
        Path data = folder.resolve("postgres");
        try (FileChannel file = FileChannel.open(
                folder.resolve("postgres.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            assertThat(file.tryLock()).isNotNull();
            assertThat(said(output, "--sluice.development.data-directory=" + data, "--server.port=0"))
                    .isEqualTo("The embedded PostgreSQL does not start: another run uses " + data
                            + "; set sluice.development.data-directory for a second one\n"
                            + "Or set spring.r2dbc.url (SPRING_R2DBC_URL) to use another one.");
        }
    }

    private static String saidBy(CapturedOutput output, String... mistakes) {
        return said(output, RunningSluice.arguments(POSTGRES, mistakes));
    }

    private static String said(CapturedOutput output, String... arguments) {
        int before = output.length();
        assertThat(catchThrowable(() -> SpringApplication.run(SluiceApplication.class, arguments)))
                .isNotNull();
        String written = output.toString().substring(before);
        assertThat(written).doesNotContain("\tat ").doesNotContain("secret").contains("Sluice cannot start:\n");
        return written.substring(written.indexOf("Sluice cannot start:\n") + 21).strip();
    }

    private static String server() {
        return POSTGRES.host() + ":" + POSTGRES.port();
    }
}
