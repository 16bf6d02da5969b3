package dev.sluice.rule.action;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rule.RuleRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class MapActionTest {

    private static final String POD = "{\"message\":\"m\",\"k8s\":{\"pod\":\"p-1\",\"node\":\"n\\u002d1\",\"n\":7,"
            + "\"labels\":{\"app.kubernetes.io/name\":\"pay\",\"tier\":\"\"},\"none\":null}}";

    private static JsonNode mapped(String map, String json) {
        RuleRun run = RuleRun.of("- { name: x, map: " + map + " }");
        run.line(json);
        return run.last();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            k8s.pod                                     ; p-1
            k8s.node                                    ; n-1
            k8s.labels.app.kubernetes.io/name           ; pay
            k8s.n                                       ; 7
            k8s.missing, k8s.pod                        ; p-1
            k8s.labels.tier, k8s.none, k8s.labels, k8s.pod, k8s.n ; p-1
            [k8s.missing, k8s.pod]                      ; p-1
            """)
    void theFirstPathThatLeadsToATextFillsTheColumn(String paths, String app) {
        String list = paths.startsWith("[") ? paths : "'" + paths + "'";
        JsonNode event = mapped("{ proc_id: " + list + " }", POD);
        assertThat(event.get("proc_id").asString()).isEqualTo(app);
        assertThat(event.get("attributes").get("k8s").get("pod").asString()).isEqualTo("p-1");
        assertThat(event.get("attributes").size()).isEqualTo(1);
    }

    @Test
    void whatTheColumnHadIsKept() {
        JsonNode event = mapped("{ app: k.app, host: k.host, message: k.text }", """
                {"app":"a","host":"same","message":"m","k":{"app":"b","host":"same","text":"t"}}""");
        assertThat(event.get("app").asString()).isEqualTo("b");
        assertThat(event.get("host").asString()).isEqualTo("same");
        assertThat(event.get("message").asString()).isEqualTo("t");
        assertThat(event.get("attributes").toString()).isEqualTo("""
                {"k":{"app":"b","host":"same","text":"t"},"sluice.message":"m","sluice.app":"a"}""");
    }

    @Test
    void levelsAndTimesAreRead() {
        JsonNode event = mapped("{ severity: 'k.none, k.bad, k.level', event_at: 'k.bad, k.ts' }", """
                {"message":"m","k":{"bad":"x","level":"fatal","ts":"2026-01-02 03:04:05+01:00"}}""");
        assertThat(event.get("severity").asInt()).isEqualTo(2);
        assertThat(event.get("event_at").asString()).isEqualTo("2026-01-02T02:04:05Z");
    }

    @ParameterizedTest
    @CsvSource({
        "levelno, 40, 3",
        "level, 40, 4",
        "a.levelno, 30, 4",
        "syslog.priority, 30, 6",
        "priority, 30, 6",
        "s, 4, 4",
        "_severityNumber, 17, 3"
    })
    void numbersOfLevelsAreReadByTheLastNamesOfThePath(String path, int number, int severity) {
        String json = "{\"message\":\"m\",\"k\":{\"" + path.replace(".", "\":{\"") + "\":" + number
                + "}".repeat(path.split("\\.").length) + "}";
        assertThat(mapped("{ severity: k." + path + " }", json).get("severity").asInt())
                .isEqualTo(severity);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"message\":\"m\"}", "{\"message\":\"m\",\"k\":{}}", "{\"message\":\"m\",\"k\":{\"app\":{}}}"})
    void withoutAPathNothingChanges(String json) {
        JsonNode event = mapped("{ app: k.app, severity: k.level }", json);
        assertThat(event.has("app")).isFalse();
        assertThat(event.has("severity")).isFalse();
        assertThat(event.get("message").asString()).isEqualTo("m");
    }

    @Test
    void itIsForTheEventsOfItsCondition() {
        RuleRun run = RuleRun.of("- { name: x, when: { attributes: { k.kind: pod } }, map: { app: k.app } }");
        assertThat(run.line("{\"message\":\"m\",\"k\":{\"kind\":\"pod\",\"app\":\"a\"}}"))
                .containsExactly("x");
        assertThat(run.last().get("app").asString()).isEqualTo("a");
        assertThat(run.line("{\"message\":\"m\",\"k\":{\"kind\":\"node\",\"app\":\"a\"}}"))
                .isEmpty();
        assertThat(run.last().has("app")).isFalse();
    }

    /** What is filled stays what it is when a later rule writes the attributes anew. */
    @Test
    void aRedactionOfTheAttributesMovesNoColumn() {
        RuleRun run = RuleRun.of("""
                - { name: x, map: { app: k.app, host: k.host } }
                - { name: y, redact: { patterns: email } }
                """);
        run.line(
                "{\"message\":\"m\",\"a\":\"me@example.com\",\"k\":{\"app\":\"pay\",\"host\":\"web-1\"},\"b\":\"u@example.com\"}");
        assertThat(run.last().get("app").asString()).isEqualTo("pay");
        assertThat(run.last().get("host").asString()).isEqualTo("web-1");
    }

    @Test
    void anEventThatMayNotGrowStaysAsItIs() {
        String long1 = "x".repeat(6_000);
        JsonNode event = mapped(
                "{ message: k, app: k, host: k, proc_id: k, msg_id: k }",
                "{\"message\":\"m\",\"k\":\"" + long1 + "\"}");
        assertThat(event.get("message").asString()).isEqualTo(long1);
        assertThat(event.has("msg_id")).isFalse();
    }
}
