package dev.sluice.rule.action;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rule.RuleRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class ExtractActionTest {

    private static final String JSON = "- { name: x, extract: { format: json,"
            + " columns: { message: msg, app: service, severity: level, event_at: at } } }";

    @Test
    void theMembersOfAnObjectBecomeColumnsAndAttributes() {
        JsonNode event = RuleRun.of(JSON).message("""
                 {"msg":"a\\"b","service":"pay","level":"fatal","at":"2026-01-02T03:04:05+01:00",\
                "n":1.25,"o":{"x":[true,null]},"u":"\\u00e9"}""");
        assertThat(event.get("message").asString()).isEqualTo("a\"b");
        assertThat(event.get("app").asString()).isEqualTo("pay");
        assertThat(event.get("severity").asInt()).isEqualTo(2);
        assertThat(event.get("event_at").asString()).isEqualTo("2026-01-02T02:04:05Z");
        assertThat(event.get("attributes").toString())
                .isEqualTo("{\"sluice.app\":\"shop\",\"level\":\"fatal\",\"n\":1.25,\"o\":{\"x\":[true,null]},"
                        + "\"u\":\"é\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain",
                "",
                "{",
                "{\"a\":1} x",
                "{\"a\":01}",
                "{\"a\" 1}",
                "{\"a\":tru}",
                "[1]",
                "{\"a\":\"\\x\"}",
                "{\"a\":{\"b\":[}}"
            })
    void aMessageThatIsNoObjectStaysAsItIs(String message) {
        JsonNode event = RuleRun.of(JSON).message(message);
        assertThat(event.get("message").asString()).isEqualTo(message);
        assertThat(event.has("attributes")).isFalse();
    }

    @Test
    void whatJsonbRefusesBecomesWhatItTakes() {
        JsonNode event = RuleRun.of(JSON).message("{\"a\":\"x\\u0000y\",\"b\":1e200000,\"c\":[\"\\ud800\"]}");
        assertThat(event.get("attributes").get("a").asString()).isEqualTo("x\ufffdy");
        assertThat(event.get("attributes").get("b").asString()).isEqualTo("1e200000");
        assertThat(event.get("attributes").get("c").get(0).asString()).isEqualTo("\ufffd");
    }

    @Test
    void anAttributeThatIsThereStaysAndTheMessageWithIt() {
        RuleRun run = RuleRun.of(JSON);
        run.line("<14>1 - h shop - - [ctx k=\"v\"] {\"msg\":\"m\",\"ctx\":5}");
        assertThat(run.last().get("attributes").toString())
                .isEqualTo("{\"ctx\":{\"k\":\"v\"},\"sluice.message\":\"{\\\"msg\\\":\\\"m\\\",\\\"ctx\\\":5}\"}");
        assertThat(run.last().get("message").asString()).isEqualTo("m");
    }

    @Test
    void everythingMayGoIntoOneAttribute() {
        JsonNode event = RuleRun.of("- { name: x, extract: { format: json, into: inner } }")
                .message("{\"a\":1,\"b\":\"c\"}");
        assertThat(event.get("attributes").toString()).isEqualTo("{\"inner\":{\"a\":1,\"b\":\"c\"}}");
        assertThat(event.get("message").asString()).isEqualTo("{\"a\":1,\"b\":\"c\"}");
    }

    @Test
    void pairsBecomeAttributes() {
        JsonNode event = RuleRun.of("- { name: x, extract: { format: logfmt, columns: { msg_id: id } } }")
                .message("began id=77 path=/a?b=c note=\"two \\\"words\\\"\" empty= =x k\u00e9y=1");
        assertThat(event.get("msg_id").asString()).isEqualTo("77");
        assertThat(event.get("attributes").toString())
                .isEqualTo(
                        "{\"sluice.msg_id\":\"REQ\",\"path\":\"/a?b=c\",\"note\":\"two \\\"words\\\"\",\"empty\":\"\","
                                + "\"k\u00e9y\":\"1\"}");
    }

    @Test
    void namedGroupsBecomeColumnsAndAttributes() {
        JsonNode event = RuleRun.of("- { name: x, extract: { format: expression, expression:"
                        + " '^(?P<host>\\S+) (?P<verb>[A-Z]+) (?P<path>\\S+)( (?P<none>x))?' } }")
                .message("other GET /é");
        assertThat(event.get("host").asString()).isEqualTo("other");
        assertThat(event.get("message").asString()).isEqualTo("other GET /é");
        JsonNode attributes = event.get("attributes");
        assertThat(attributes.get("sluice.host").asString()).isEqualTo("web-1");
        assertThat(attributes.get("verb").asString()).isEqualTo("GET");
        assertThat(attributes.get("path").asString()).isEqualTo("/é");
        assertThat(attributes.size()).isEqualTo(3);
    }

    /**
     * As Kubernetes' log drivers send it where there is a message as well, or a service that wraps what it passes on.
     */
    @Test
    void anAttributeMayHoldTheObject() {
        RuleRun run = RuleRun.of("- { name: x, extract: { format: json, from: attributes.k8s.raw,"
                + " columns: { message: msg, severity: level } } }");
        run.line("{\"message\":\"outer\",\"a\":1,\"k8s\":{\"raw\":"
                + "\"{\\\"level\\\":\\\"warn\\\",\\\"msg\\\":\\\"inner\\\",\\\"b\\\":2}\\n\"}}");
        JsonNode event = run.last();
        assertThat(event.get("message").asString()).isEqualTo("inner");
        assertThat(event.get("severity").asInt()).isEqualTo(4);
        assertThat(event.get("attributes").get("sluice.message").asString()).isEqualTo("outer");
        assertThat(event.get("attributes").get("b").asInt()).isEqualTo(2);
        assertThat(event.get("attributes").get("k8s").get("raw").asString()).startsWith("{\"level\"");
        run.line("{\"message\":\"m\",\"k8s\":{\"raw\":{\"msg\":\"inner\",\"b\":[1,{\"c\":null}]}}}");
        assertThat(run.last().get("message").asString()).isEqualTo("inner");
        assertThat(run.last().get("attributes").get("b").toString()).isEqualTo("[1,{\"c\":null}]");
        run.line("{\"message\":\"m\",\"k8s\":{\"raw\":\"{oops\"}}");
        assertThat(run.last().get("attributes").toString()).isEqualTo("{\"k8s\":{\"raw\":\"{oops\"}}");
        run.line("{\"message\":\"m\",\"b\":3}");
        assertThat(run.last().get("attributes").toString()).isEqualTo("{\"b\":3}");
    }

    @Test
    void pairsAndGroupsMayComeFromAnAttribute() {
        RuleRun run = RuleRun.of("""
                - { name: x, extract: { format: logfmt, from: attributes.p } }
                - { name: y, extract: { format: expression, from: attributes.p, expression: 'user=(?P<app>[a-z]+)' } }
                """);
        run.line("{\"message\":\"m\",\"p\":\"user=anna path=/a\"}");
        assertThat(run.last().get("app").asString()).isEqualTo("anna");
        assertThat(run.last().get("message").asString()).isEqualTo("m");
        assertThat(run.last().get("attributes").get("path").asString()).isEqualTo("/a");
    }

    /** The line of a container that says JSON: it is the message already, so that no path is needed. */
    @Test
    void theLogOfAContainerIsTheMessage() {
        RuleRun run = RuleRun.of(JSON);
        run.line("{\"log\":\"{\\\"level\\\":\\\"warn\\\",\\\"msg\\\":\\\"inner\\\"}\\n\",\"stream\":\"stdout\","
                + "\"kubernetes\":{\"host\":\"n-1\",\"labels\":{\"app\":\"pay\"}}}");
        assertThat(run.last().get("message").asString()).isEqualTo("inner");
        assertThat(run.last().get("severity").asInt()).isEqualTo(4);
    }

    @Test
    void aMessageOfManyFieldsIsBounded() {
        StringBuilder message = new StringBuilder();
        for (int i = 0; i < 5000; i++) {
            message.append("k").append(i).append("=v ");
        }
        JsonNode event =
                RuleRun.of("- { name: x, extract: { format: logfmt } }").message(message.toString());
        assertThat(event.get("attributes").size()).isEqualTo(64);
    }

    @Test
    void anObjectThatIsNestedTooDeepStaysAsItIs() {
        String message = "{\"a\":" + "[".repeat(5000) + "]".repeat(5000) + "}";
        assertThat(RuleRun.of(JSON).message(message).has("attributes")).isFalse();
    }
}
