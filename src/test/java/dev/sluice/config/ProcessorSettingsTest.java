package dev.sluice.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.event.Delivery;
import dev.sluice.event.LogEvent;
import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.RejectReason;
import dev.sluice.event.RowEncoder;
import dev.sluice.event.Rows;
import dev.sluice.rule.RuleObserver;
import dev.sluice.rule.Rules;
import dev.sluice.rule.settings.RuleEnvironment;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class ProcessorSettingsTest {

    private static final RuleEnvironment NO_VARIABLES = new RuleEnvironment(ZoneOffset.UTC, 64, variable -> null);

    private static final String PREFIX = "SLUICE_PIPELINE_PROCESSORS_";

    private final StandardEnvironment environment = new StandardEnvironment();
    private final List<String> stored = new ArrayList<>();

    @Test
    void variablesOfTheEnvironmentMakeRules() {
        variables(
                Map.entry("0_NAME", "noise"),
                Map.entry("0_WHEN_APP", "nginx"),
                Map.entry("0_WHEN_NOT_0_MESSAGE", "keep"),
                Map.entry("0_FILTER", ""),
                Map.entry("1_NAME", "secrets"),
                Map.entry("1_REDACT_PATTERNS", "email,card"),
                Map.entry("1_REDACT_EXPRESSIONS_0", "a{1,2}b"),
                Map.entry("1_REDACT_HASHKEY", "${KEY}"),
                Map.entry("KEY", "0123456789abcdef"),
                Map.entry("2_NAME", "verb"),
                Map.entry("2_EXTRACT_FORMAT", "logfmt"),
                Map.entry("2_EXTRACT_COLUMNS_PROC_ID", "pid"),
                Map.entry("3_NAME", "tenth"),
                Map.entry("3_ENRICH_FIELDS_TEAM", "Blue"),
                Map.entry("10_NAME", "last"),
                Map.entry("10_WHEN_ATTRIBUTES_TEAM", "Blue"),
                Map.entry("10_ROUTE_SEVERITY", "alert"));
        Rules rules = rules();
        assertThat(rules.names()).containsExactly("noise", "secrets", "verb", "tenth", "last");
        RowEncoder encoder = rules.before(new Sink(), RuleObserver.NONE);
        send(encoder, "nginx", "drop this");
        send(encoder, "nginx", "keep pid=7 ann@b.example aab");
        assertThat(stored).hasSize(1);
        assertThat(stored.getFirst()).matches("1 7 keep pid=7 hmac:[0-9a-f]{16} hmac:[0-9a-f]{16} \"team\":\"Blue\"");
    }

    @Test
    void mistakesInVariablesAreReportedLikeAnyOther() {
        variables(
                Map.entry("0_NAME", "a"),
                Map.entry("0_WHEN_HOTS", "x"),
                Map.entry("0_SAMPLE_SHARE", "2"),
                Map.entry("1_FILTER", ""));
        assertThatThrownBy(this::rules)
                .hasMessageContaining("sluice.pipeline.processors[0].when.hots (rule a): is unknown")
                .hasMessageContaining("sluice.pipeline.processors[0].sample.share (rule a): is \"2\"")
                .hasMessageContaining("sluice.pipeline.processors[1].name (rule without a name)");
    }

    @Test
    void theFirstSourceThatHasAnyOfTheListHasAllOfIt() {
        variables(Map.entry("0_NAME", "variable"), Map.entry("0_FILTER", ""), Map.entry("1_NAME", "second"));
        environment
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        "line",
                        Map.of(
                                "sluice.pipeline.processors[0].name", "line",
                                "sluice.pipeline.processors[0].filter", "")));
        assertThat(rules().names()).containsExactly("line");
    }

    @Test
    void withoutRulesNothingStandsBeforeTheEncoder() {
        Sink sink = new Sink();
        WorkerRules none = new WorkerRules(ProcessorSettings.read(environment), NO_VARIABLES);
        assertThat(none.before(sink, RuleObserver.NONE)).isSameAs(sink);
    }

    @SafeVarargs
    private void variables(Map.Entry<String, String>... entries) {
        Map<String, Object> variables = new HashMap<>();
        for (Map.Entry<String, String> entry : entries) {
            variables.put(entry.getKey().equals("KEY") ? "KEY" : PREFIX + entry.getKey(), entry.getValue());
        }
        environment
                .getPropertySources()
                .replace(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        new SystemEnvironmentPropertySource(
                                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
    }

    private Rules rules() {
        return Rules.compile(ProcessorSettings.read(environment), NO_VARIABLES);
    }

    private static void send(RowEncoder encoder, String app, String message) {
        encoder.begin(new Delivery(Origin.of("main", "10.0.0.1", Protocol.JSON), 1, 1, 1, Delivery.NO_ACK));
        LogEvent event = new LogEvent();
        event.reset(1);
        event.app().set(app.getBytes(UTF_8));
        event.message().set(message.getBytes(UTF_8));
        encoder.event(event);
    }

    private final class Sink implements RowEncoder {

        @Override
        public void begin(Delivery delivery) {
            // every event here is a delivery of its own
        }

        @Override
        public void event(LogEvent event) {
            String attributes = new String(event.attributes().text().toByteArray(), UTF_8);
            stored.add(event.severity() + " " + event.procId() + " " + event.message() + " " + attributes);
        }

        @Override
        public void reject(RejectReason reason, String detail, byte[] bytes, int from, int to) {
            throw new AssertionError(detail);
        }

        @Override
        public Rows seal() {
            return new Rows(List.of(), new byte[0], List.of());
        }
    }
}
