package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What an operator reads who made a mistake that needs no database to be found; {@link StartFailuresIT} has others. */
@ExtendWith(OutputCaptureExtension.class)
class LikelyMistakesTest {

    /** The argument, and all that is said. */
    private static final String MISTAKES = """
            --sluice.pipeline.memroy=32MB
            > sluice.pipeline.memroy is unknown; did you mean sluice.pipeline.memory?
            > docs/configuration.md has all properties.
            --sluice.memory=32MB
            > sluice.memory is unknown; did you mean sluice.pipeline.memory?
            > docs/configuration.md has all properties.
            --sluice.port=5140
            > sluice.port is unknown; did you mean sluice.listeners.main.port?
            > docs/configuration.md has all properties.
            --sluice.listener.main.port=5140
            > sluice.listener.main.port is unknown; did you mean sluice.listeners.main.port?
            > docs/configuration.md has all properties.
            --sluice.listeners.port=5140
            > sluice.listeners.port is unknown; did you mean sluice.listeners.main.port?
            > docs/configuration.md has all properties.
            --sluice.pipeline.memory=32
            > sluice.pipeline.memory is 32B, expected between 4MB and 64GB
            > docs/configuration.md has the bounds of each property.
            --sluice.pipeline.memory=32 megs
            > sluice.pipeline.memory is "32 megs", expected a size, such as 64MB
            > docs/configuration.md has the bounds of each property.
            --sluice.pipeline.drain-timeout=15
            > sluice.pipeline.drain-timeout is 15ms, expected at least 3s
            > docs/configuration.md has the bounds of each property.
            --sluice.pipeline.drain-timeout=forever
            > sluice.pipeline.drain-timeout is "forever", expected a time, such as 30s
            > docs/configuration.md has the bounds of each property.
            --sluice.store.lanes=0
            > sluice.store.lanes is 0, which must be at least 1
            > docs/configuration.md has the bounds of each property.
            --sluice.store.lanes=two
            > sluice.store.lanes is "two", expected a whole number
            > docs/configuration.md has the bounds of each property.
            --sluice.store.retention=12h
            > sluice.store.retention is 12h, expected at least 1d
            > docs/configuration.md has the bounds of each property.
            --sluice.store.retention-action=delete
            > sluice.store.retention-action is "delete", expected one of drop, detach
            > docs/configuration.md has the bounds of each property.
            --sluice.store.schema-password=x
            > sluice.store.schema-password is set, but schema-username is not
            > docs/configuration.md has the bounds of each property.
            --sluice.listeners.main.port=70000
            > sluice.listeners.main.port is 70000, which must be at most 65535
            > docs/configuration.md has the bounds of each property.
            --sluice.listeners.main.protocol=syslgo
            > sluice.listeners.main.protocol is "syslgo", expected one of auto, syslog, json, gelf, relp, lumberjack, forward
            > docs/configuration.md has the bounds of each property.
            --sluice.listeners.main.allow=10.0.0.0/33
            > sluice.listeners.main.allow: 10.0.0.0/33 is no network, expected an address and the length of a prefix, such as 10.0.0.0/8 or fd00::/8
            > docs/configuration.md has the bounds of each property.
            --sluice.listeners.main.tls.client-auth=need
            > sluice.listeners.main.tls.client-auth is need and mode required, but bundle is empty, expected the name of an SSL bundle under spring.ssl.bundle
            > docs/configuration.md has the bounds of each property.
            --sluice.listeners.main.tls.bundle=nowhere
            > sluice.listeners.main.tls.bundle is nowhere, but spring.ssl.bundle has none of this name. It has [].
            > Name one of them, or add one of this name.
            --sluice.listeners.main.max-frame=1GB
            > sluice.listeners.main.max-frame is 1GB, expected between 1KB and 16MB
            > docs/configuration.md has the bounds of each property.
            --sluice.syslog.zone=Europe/Berln
            > sluice.syslog.zone is "Europe/Berln", expected a zone, such as Europe/Berlin
            > docs/configuration.md has the bounds of each property.
            --sluice.pipeline.processors-file=/nowhere.yaml
            > /nowhere.yaml does not exist
            > It is named by sluice.pipeline.processors-file.
            --logging.structured.format.console=json
            > logging.structured.format.console is "json", expected ecs, logstash or gelf
            > Without it the log is lines of text.
            --spring.r2dbc.url=postgres:5432/logs
            > spring.r2dbc (SPRING_R2DBC_URL, SPRING_R2DBC_USERNAME, SPRING_R2DBC_PASSWORD) is wrong: URL postgres:5432/logs does not start with the r2dbc scheme.
            > A right address is, for example, r2dbc:postgresql://postgres:5432/sluice.
            --spring.r2dbc.url=r2dbc:postgresql://h:port/d
            > spring.r2dbc (SPRING_R2DBC_URL, SPRING_R2DBC_USERNAME, SPRING_R2DBC_PASSWORD) is wrong: the port of the host "h:port" is "port", expected a number from 1 to 65535.
            > A right address is, for example, r2dbc:postgresql://postgres:5432/sluice.
            --server.port=99999
            > HTTP cannot listen: port out of range:99999.
            > Correct server.port (SERVER_PORT) and server.address.
            """;

    static Stream<Arguments> mistakes() {
        return Arrays.stream(MISTAKES.split("(?m)^(?=--)"))
                .map(mistake -> mistake.split("\n> ", 2))
                .map(parts -> Arguments.of(parts[0], parts[1].strip().replace("\n> ", "\n")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void isSaidInTwoLines(String argument, String said, CapturedOutput output) {
        String[] arguments = {
            "--server.port=0",
            "--sluice.listeners.main.host=127.0.0.1",
            "--sluice.pipeline.memory=4MB",
            "--spring.r2dbc.url=r2dbc:postgresql://127.0.0.1:1/nowhere",
            "--spring.r2dbc.username=sluice",
            "--spring.r2dbc.password=secret",
            argument
        };
        assertThat(catchThrowable(() -> SpringApplication.run(SluiceApplication.class, withoutRepeated(arguments))))
                .isNotNull();
        String written = output.toString();
        assertThat(written).doesNotContain("\tat ").doesNotContain("secret").contains("Sluice cannot start:\n");
        assertThat(written.substring(written.indexOf("Sluice cannot start:\n") + 21)
                        .strip())
                .isEqualTo(said);
    }

    /** Spring joins the values of an argument that is there twice. */
    private static String[] withoutRepeated(String... arguments) {
        String last = arguments[arguments.length - 1];
        String name = last.substring(0, last.indexOf('=') + 1);
        return Stream.concat(Arrays.stream(arguments).filter(each -> !each.startsWith(name)), Stream.of(last))
                .toArray(String[]::new);
    }
}
