package dev.sluice.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.LogEvent;
import dev.sluice.event.RowGrowth;
import dev.sluice.rule.action.Action;
import dev.sluice.rule.action.Actions;
import dev.sluice.rule.field.RuleContext;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RuleEncoderTest {

    @Test
    void rulesRunInOrderAndSayWhichFired() {
        RuleRun run = RuleRun.of("""
                - { name: first, when: { app: shop }, enrich: { fields: { a: one } } }
                - { name: second, when: { attributes: { a: one } }, enrich: { fields: { b: two, a: other } } }
                - { name: third, when: { app: other }, filter: {} }
                """);
        assertThat(run.line("<14>1 - h shop - - - x")).containsExactly("first", "second");
        assertThat(run.last().get("attributes").toString()).isEqualTo("{\"a\":\"one\",\"b\":\"two\"}");
    }

    @Test
    void whatARuleChangedIsLookedAtAnew() {
        RuleRun run = RuleRun.of("""
                - { name: looks, when: { message: nothing }, filter: {} }
                - { name: first, redact: { patterns: email } }
                - { name: inner, extract: { format: json, columns: { message: msg } } }
                - { name: second, redact: { patterns: email } }
                - { name: last, when: { message: '^to .redacted' }, enrich: { fields: { seen: '1' } } }
                """);
        assertThat(run.line("<14>1 - h a - - - {\"msg\":\"to A@B.example\"}")).contains("last");
        RuleRun late = RuleRun.of("""
                - { name: looks, when: { message: nothing }, filter: {} }
                - { name: inner, extract: { format: json, columns: { message: msg } } }
                - { name: secrets, redact: { patterns: email } }
                """);
        late.line("<14>1 - h a - - - {\"msg\":\"to A\\u0040B.example\"}");
        assertThat(late.last().get("message").asString()).isEqualTo("to [redacted]");
    }

    /** The two messages stand in the same place of the scratch, one after the other. */
    @Test
    void eachEventIsLookedAtAnew() {
        RuleRun run = RuleRun.of("[{ name: secrets, redact: { patterns: email } }]");
        run.line("{\"message\":\"to A\\u0020B.example\"}");
        run.line("{\"message\":\"to A\\u0040B.example\"}");
        assertThat(run.last().get("message").asString()).isEqualTo("to [redacted]");
    }

    @Test
    void filteredEventsAreCountedByRuleOnceAFrameBatch() {
        RuleRun run = RuleRun.of("""
                - { name: drop, when: { message: noise }, filter: {} }
                - { name: rest, filter: {} }
                """);
        run.message("noise");
        run.message("noise 2");
        run.message("music");
        assertThat(run.filtered).isEmpty();
        run.encoder.seal();
        assertThat(run.filtered).isEqualTo(Map.of("drop", 2L, "rest", 1L));
        run.encoder.seal();
        assertThat(run.filtered).isEqualTo(Map.of("drop", 2L, "rest", 1L));
        assertThat(run.stored).isEmpty();
        assertThat(run.nanos.get("drop")).isPositive();
    }

    @Test
    void aDeadLetterOnPurposeStillMeetsTheRulesAfterIt() {
        RuleRun run = RuleRun.of("""
                - { name: away, when: { message: "for the dead" }, route: { dead-letter: true, severity: error } }
                - { name: secrets, redact: { patterns: email } }
                - { name: gone, when: { message: gone }, filter: {} }
                """);
        run.message("for the dead: a@b.example");
        run.message("for the dead: gone");
        assertThat(run.stored).isEmpty();
        assertThat(run.details).containsExactly("routed The rule away sent it here.");
        assertThat(run.deadLetters.getFirst())
                .contains("\"message\":\"for the dead: [redacted]\"", "\"severity\":3")
                .doesNotContain("b.example");
    }

    @Test
    void aFrameThatIsTakenBackFilteredNothing() {
        RuleRun run = RuleRun.of("[{name: drop, when: {message: noise}, filter: {}}]");
        run.message("noise");
        run.encoder.beginFrame();
        run.message("noise 2");
        run.encoder.identity(new byte[] {7});
        assertThat(run.encoder.bytes()).isEqualTo(RuleRun.BYTES);
        run.encoder.takeBack();
        run.encoder.seal();
        assertThat(run.filtered).isEqualTo(Map.of("drop", 1L));
        assertThat(run.calls).containsExactly("filtered", "beginFrame", "filtered", "identity 7", "takeBack");
    }

    @Test
    void aRuleThatFailsCostsItsEventAlone() {
        RuleRun run = RuleRun.of("[]");
        Rule fails = new Rule("fails", (event, context) -> true, RuleEncoderTest::failing);
        Rule never = new Rule("never", (event, context) -> false, (event, context) -> true);
        run.over(List.of(never, fails));
        run.message("bad ann@example.com");
        run.message("good");
        assertThat(run.details).containsExactly("rule_failed The rule fails failed: java.lang.IllegalStateException");
        assertThat(run.deadLetters.getFirst()).contains("\"message\":\"bad ann@example.com\"", "\"host\":\"web-1\"");
        assertThat(run.stored).hasSize(1);
        assertThat(run.last().get("message").asString()).isEqualTo("good");
    }

    @Test
    void aConditionThatFailsIsReportedByItsOwnRule() {
        RuleRun run = RuleRun.of("[]");
        Rule fires = new Rule("fires", (event, context) -> true, (event, context) -> true);
        run.over(List.of(fires, new Rule("fails", RuleEncoderTest::failing, (event, context) -> true)));
        run.message("bad");
        assertThat(run.details).containsExactly("rule_failed The rule fails failed: java.lang.IllegalStateException");
    }

    /** It may have failed before anything was redacted. */
    @Test
    void aRuleThatFailsBesideARedactionLeavesNoPayload() {
        RuleRun run = RuleRun.of("[]");
        Action redact = Actions.types().get("redact").apply(RuleRun.settings("{ patterns: email }"));
        run.over(List.of(
                new Rule("fails", (event, context) -> true, RuleEncoderTest::failing),
                new Rule("secrets", (event, context) -> true, redact)));
        run.message("bad ann@example.com");
        assertThat(run.details).containsExactly("rule_failed The rule fails failed: java.lang.IllegalStateException");
        assertThat(run.deadLetters).containsExactly("");
    }

    private static boolean failing(LogEvent event, RuleContext context) {
        if (event.message().toString().startsWith("bad")) {
            throw new IllegalStateException("because of ann@example.com");
        }
        return true;
    }

    @Test
    void aSampleKeepsAShareAndNotesIt() {
        RuleRun run = RuleRun.of("[{name: s, sample: {share: 0.25}}, {name: t, sample: {share: 0.5}}]");
        for (int i = 0; i < 8000; i++) {
            run.message("x " + i);
        }
        assertThat(run.stored).hasSizeBetween(850, 1150);
        assertThat(run.last().get("attributes").toString()).isEqualTo("{\"sluice.sample_share\":0.125}");
    }

    @Test
    void aSampleByAFieldKeepsAllOfAValueOrNone() {
        String rules = "[{name: s, sample: {share: 0.5, by: attributes.user.id}}]";
        List<String> first = kept(RuleRun.of(rules));
        assertThat(first).isEqualTo(kept(RuleRun.of(rules)));
        assertThat(first).hasSizeBetween(2 * 70, 2 * 130);
    }

    private static List<String> kept(RuleRun run) {
        for (int i = 0; i < 400; i++) {
            run.line("{\"message\":\"m\",\"user\":{\"id\":\"u%d\"}}".formatted(i % 200));
        }
        assertThat(run.stored.size() % 2).isZero();
        return run.stored.stream()
                .map(event -> event.get("attributes").get("user").get("id").asString())
                .toList();
    }

    @Test
    void anEventThatNoRuleMatchesIsTheVeryOneThatWasDecoded() {
        Rules rules = RuleRun.rules("""
                - { name: secrets, redact: { patterns: "email, card, bearer, aws, ipv4, ipv6" } }
                - { name: json, extract: { format: json } }
                - { name: no, when: { app: other }, enrich: { fields: { a: b } } }
                """);
        byte[] frame = "a plain message".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        LogEvent event = new LogEvent();
        event.reset(1);
        event.message().set(frame);
        RuleRun sink = RuleRun.of("[]");
        rules.before(sink, RuleObserver.NONE).event(event);
        assertThat(event.message().array()).isSameAs(frame);
        assertThat(event.attributes().isEmpty()).isTrue();
        assertThat(event.scratch().size()).isZero();
    }

    @Test
    void withoutRulesNothingIsReserved() {
        assertThat(RuleRun.rules("[]").isEmpty()).isTrue();
        assertThat(RuleRun.rules("[]").growth()).isEqualTo(RowGrowth.NONE);
        assertThat(RuleRun.rules("[{name: a, filter: {}}]").growth()).isEqualTo(RowGrowth.NONE);
        assertThat(RuleRun.rules("[{name: a, enrich: {fields: {a: b}}}]").growth())
                .isEqualTo(new RowGrowth(0, 18));
        assertThat(RuleRun.rules("[{name: a, redact: {patterns: email}}]")
                        .growth()
                        .perByte())
                .isEqualTo(16);
    }
}
