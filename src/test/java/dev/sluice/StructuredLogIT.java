package dev.sluice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import dev.sluice.testing.BesideOthers;
import dev.sluice.testing.PostgresExtension;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.boot.json.JsonParserFactory;

/** The jar's log as JSON: a program reads every line of it, whatever a shipper sent. */
@BesideOthers
class StructuredLogIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    private static final String FORMAT = "--logging.structured.format.console=";

    private static final String HOSTILE = "x\\r\\n{\\\"log.level\\\":\\\"ERROR\\\"}\\u001b[2J\\u0085\\u2028\\u202e";

    @Test
    void everyLineOfStartFailureAndStopIsOneObject() throws Exception {
        POSTGRES.execute("create function refuse() returns trigger language plpgsql as $$"
                + " begin raise exception using errcode = '42501', message = new.message; end $$");
        POSTGRES.execute("create trigger owners before insert on log_event for each row execute function refuse()");
        try (ServiceProcess service = ServiceProcess.startJar(POSTGRES, FORMAT + "ecs")) {
            service.awaitOutput("Started SluiceApplication");
            try (Socket shipper = new Socket("127.0.0.1", service.port())) {
                shipper.getOutputStream().write(("{\"message\":\"" + HOSTILE + "\"}\n").getBytes(UTF_8));
            }
            service.awaitOutput("[2J");
            POSTGRES.execute("drop trigger owners on log_event");
            Await.until("stored", Duration.ofMinutes(1), () -> POSTGRES.count("log_event") == 1);
            service.terminate();
            assertThat(service.awaitExit(Duration.ofMinutes(1))).isZero();
            List<Map<String, Object>> lines = parsed(service, "message");
            assertThat(lines).hasSizeGreaterThan(5);
            assertThat(lines)
                    .filteredOn(line -> line.get("message").toString().contains("[2J"))
                    .isNotEmpty()
                    .allSatisfy(line -> assertThat(line.get("message").toString())
                            .contains("x\\r\\n{", "\\u001b[2J\\u0085\\u2028\\u202e")
                            .doesNotContainPattern("[\\p{Cntrl}\u2028\u202e]"));
        }
    }

    @Test
    void whyAStartFailedIsOneObject() throws Exception {
        try (ServiceProcess service =
                ServiceProcess.startJar(POSTGRES, FORMAT + "gelf", "--sluice.pipeline.memroy=32MB")) {
            assertThat(service.awaitExit(Duration.ofMinutes(1))).isEqualTo(1);
            assertThat(parsed(service, "short_message")
                            .getLast()
                            .get("short_message")
                            .toString())
                    .startsWith("Sluice cannot start:\nsluice.pipeline.memroy is unknown");
        }
    }

    private static List<Map<String, Object>> parsed(ServiceProcess service, String message) throws IOException {
        return service.output()
                .lines()
                .map(line -> JsonParserFactory.getJsonParser().parseMap(line))
                .peek(line -> assertThat(line).containsKey(message))
                .toList();
    }
}
