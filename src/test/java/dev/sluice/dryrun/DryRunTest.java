package dev.sluice.dryrun;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.ForwardClient;
import dev.sluice.config.WorkerRules;
import dev.sluice.event.LogEvent;
import dev.sluice.event.RejectReason;
import dev.sluice.event.RowEncoder;
import dev.sluice.rule.settings.InvalidRulesException;
import dev.sluice.rule.settings.RuleEnvironment;
import dev.sluice.rule.settings.SettingTree;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts as the service does, without any of its stages. */
class DryRunTest {

    private static final String RULES = """
            sluice.pipeline.processors:
              - name: no-health-checks
                when: { app: nginx, message: GET /health }
                filter: {}
              - name: secrets
                redact: { patterns: [email], hash-key: "${KEY}" }
              - name: where
                when: { listener: apps }
                enrich: { fields: { team_name: blue, "[a.b]": c } }
            """;

    @TempDir
    private Path folder;

    @Test
    void everyLineBecomesALineWithTheRulesThatFired() throws IOException {
        String lines = """
                <13>1 2026-11-24T00:00:00Z h nginx - - - GET /health 200
                <13>1 2026-11-24T00:00:00Z h nginx - - - mail from a@b.example

                last""";
        String[] printed = run(DryRun.NO_DEAD_LETTERS, lines, "--sluice.dry-run", "--sluice.listeners.apps.port=0");
        assertThat(printed).hasSize(3);
        assertThat(printed[0]).isEqualTo("{\"outcome\":\"filtered\",\"rules\":[\"no-health-checks\"]}");
        assertThat(printed[1])
                .startsWith("{\"outcome\":\"stored\",\"rules\":[\"secrets\",\"where\"],\"event\":{\"received_at\":\"")
                .contains("\"message\":\"mail from hmac:")
                .contains("\"attributes\":{\"team_name\":\"blue\",\"a.b\":\"c\"}")
                .contains("\"listener\":\"apps\"");
        assertThat(printed[2]).contains("\"message\":\"last\"");
    }

    @Test
    void aDeadLetterIsSeenInTheExitStatus() throws IOException {
        String lines = "{\"message\":\"fine\"}\n{oops a@b.example\n" + "x".repeat(3000) + "\n{\"message\":\"last\"}\n";
        String[] printed =
                run(DryRun.DEAD_LETTERS, lines, "--sluice.dry-run=main", "--sluice.listeners.main.max-frame=2KB");
        assertThat(printed).hasSize(5);
        assertThat(printed[0]).startsWith("{\"outcome\":\"stored\"");
        assertThat(printed[1])
                .startsWith("{\"outcome\":\"dead_letter\",\"rules\":[],\"reason\":\"malformed_json\"")
                .contains("{oops hmac:");
        assertThat(printed[2]).contains("\"reason\":\"oversize_frame\"");
        assertThat(printed[3]).contains("\"reason\":\"oversize_frame\"");
        assertThat(printed[4]).startsWith("{\"outcome\":\"stored\"").contains("last");
    }

    @Test
    void eachEventOfAChunkIsALine() throws IOException {
        String chunk = new String(ForwardClient.chunk("one", 3), ISO_8859_1);
        String[] printed = run(DryRun.NO_DEAD_LETTERS, chunk, "--sluice.dry-run", "--sluice.listeners.apps.port=0");
        assertThat(printed)
                .hasSize(3)
                .allSatisfy(line ->
                        assertThat(line).startsWith("{\"outcome\":\"stored\"").endsWith("}}"));
    }

    @Test
    void whatAMapFilledIsPrinted() throws IOException {
        String line = "{\"message\":\"m\",\"pod\":{\"app\":\"pay\",\"levelno\":40}}";
        String[] printed = run(
                DryRun.NO_DEAD_LETTERS,
                line,
                "--sluice.dry-run",
                "--sluice.pipeline.processors[0].name=pods",
                "--sluice.pipeline.processors[0].map.app=pod.app",
                "--sluice.pipeline.processors[0].map.severity=pod.levelno");
        assertThat(printed).hasSize(1);
        assertThat(printed[0])
                .startsWith("{\"outcome\":\"stored\",\"rules\":[\"pods\"],\"event\":{")
                .contains("\"severity\":3", "\"app\":\"pay\"", "\"message\":\"m\"");
    }

    @Test
    void whatIsTakenBackIsNotPrinted() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DryRunPrinter printer = new DryRunPrinter(
                new WorkerRules(
                        new SettingTree("processors"), new RuleEnvironment(ZoneOffset.UTC, 64, variable -> null)),
                out);
        RowEncoder encoder = printer.rules();
        encoder.beginFrame();
        encoder.event(new LogEvent());
        encoder.reject(RejectReason.MALFORMED_FORWARD, "an entry", new byte[0], 0, 0);
        encoder.takeBack();
        encoder.reject(RejectReason.MALFORMED_FORWARD, "all of it", new byte[0], 0, 0);
        printer.print();
        assertThat(out.toString(UTF_8)).contains("all of it").hasLineCount(1);
        assertThat(printer.deadLetters()).isEqualTo(1);
    }

    @Test
    void aMistakeEndsItWithAllThatIsWrong() {
        assertThatThrownBy(() -> run(0, "x", "--sluice.dry-run", "--sluice.pipeline.processors[0].nmae=x"))
                .hasRootCauseInstanceOf(InvalidRulesException.class)
                .rootCause()
                .hasMessageContaining("sluice.pipeline.processors[0].nmae (rule without a name): is unknown")
                .hasMessageContaining("sluice.pipeline.processors[0] (rule without a name): has no action");
    }

    @Test
    void rulesInAFileOfTheirOwnAreTried() throws IOException {
        Path rules = Files.writeString(folder.resolve("own.yaml"), "- { name: noise, filter: {} }");
        String[] arguments = {"--sluice.dry-run", "--sluice.pipeline.processors-file=" + rules};
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(DryRun.run(arguments, new ByteArrayInputStream("x\n".getBytes(UTF_8)), out))
                .isZero();
        assertThat(out.toString(UTF_8)).isEqualTo("{\"outcome\":\"filtered\",\"rules\":[\"noise\"]}\n");
    }

    @Test
    void aListenerThatIsNotThereIsAnExitStatus() throws IOException {
        assertThat(run(DryRun.WRONG, "x", "--sluice.dry-run=other")).containsExactly("");
    }

    @Test
    void whatIsNoShippersEndsIt() {
        assertThatThrownBy(() -> run(0, "GET / HTTP/1.1\r\n\r\n", "--sluice.dry-run"))
                .hasMessage("the input is no shipper's: it begins as that of a client of HTTP");
        assertThatThrownBy(
                        () -> run(0, "1 open 999999999 x", "--sluice.dry-run", "--sluice.listeners.main.protocol=relp"))
                .hasMessage("the input is not what its first bytes promised: RELP");
    }

    @Test
    void onlyTheCommandLineAsksForIt() {
        assertThat(DryRun.isAskedFor(new String[] {"--server.port=0"})).isFalse();
        assertThat(DryRun.isAskedFor(new String[] {"--sluice.dry-run=false"})).isFalse();
        assertThat(DryRun.isAskedFor(new String[] {"--sluice.dry-run"})).isTrue();
    }

    private String[] run(int status, String lines, String... arguments) throws IOException {
        Path rules = Files.writeString(folder.resolve("rules.yml"), RULES);
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--spring.config.additional-location=" + rules.toUri();
        all[arguments.length + 1] = "--KEY=0123456789abcdef";
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(DryRun.run(all, new ByteArrayInputStream(lines.getBytes(ISO_8859_1)), out))
                .isEqualTo(status);
        return out.toString(UTF_8).split("\n");
    }
}
