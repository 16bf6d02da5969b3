package dev.sluice.rule.action;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rule.RuleRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnrichActionTest {

    @Test
    void whatIsThereStaysAndTheRestIsAdded() {
        RuleRun run = RuleRun.of("""
                - { name: e, enrich: { fields: { app: other, msg_id: kind, k: mine, 'a.b': "q\\"" },
                    environment: { node: NODE } } }
                """);
        run.line("{\"message\":\"m\",\"app\":\"shop\",\"k\":\"theirs\"}");
        assertThat(run.last().get("app").asString()).isEqualTo("shop");
        assertThat(run.last().get("msg_id").asString()).isEqualTo("kind");
        assertThat(run.last().get("attributes").toString())
                .isEqualTo("{\"k\":\"theirs\",\"a.b\":\"q\\\"\",\"node\":\"node-7\"}");
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
            checkout-6d5f7c9b8d-x2x4z.shop,   checkout-6d5f7c9b8d-x2x4z, checkout, shop
            'CN=api-7d9f6c-bcdfg.prod.svc,O=x', api-7d9f6c-bcdfg,        api,      prod
            redis-0,                          redis-0,                   redis,    -
            fluent-bit-x2x4z,                 fluent-bit-x2x4z,          fluent-bit, -
            web-07.example.net,               web-07,                    web,      example
            10.0.0.1,                         -,                         -,        -
            localhost,                        -,                         -,        -
            my-laptop,                        -,                         -,        -
            '-0',                             -,                         -,        -
            """)
    void theNameOfAPodSaysWhoseItIs(String source, String pod, String workload, String namespace) {
        RuleRun run =
                RuleRun.of("- { name: e, enrich: { kubernetes: source } }").from("main", source);
        run.message("m");
        if (pod == null) {
            assertThat(run.last().has("attributes")).isFalse();
        } else {
            assertThat(run.last().get("attributes").get("kubernetes").toString())
                    .isEqualTo("{\"pod\":\"%s\",\"workload\":\"%s\"%s}"
                            .formatted(pod, workload, namespace == null ? "" : ",\"namespace\":\"" + namespace + "\""));
        }
    }
}
