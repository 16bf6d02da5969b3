package dev.sluice.rule;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import tools.jackson.databind.JsonNode;

/** What holds for any frames and any rules: made at random, from the number of the repetition. */
class RulePropertiesTest {

    private static final int FRAMES = 150;

    private static final String[] SECRETS = {
        "ann.bee+x@mail.example.com", "10.20.30.40", "2001:db8::8a2e:370:7334", "4111111111111111",
        "4111 1111 1111 1111", "AKIAIOSFODNN7EXAMPLE", "Bearer abcdefgh.ijkl-mnop_qr", "tok-77a8b9c0"
    };

    private static final String[] RULES = {
        "{ name: drop, when: { message: 'drop' }, filter: {} }",
        "{ name: half, when: { severity: debug..info }, sample: { share: 0.5, by: message } }",
        "{ name: third, when: { app: 'a*' }, sample: { share: 0.3 } }",
        "{ name: json, extract: { format: json, columns: { message: msg, app: service } } }",
        "{ name: pairs, extract: { format: logfmt, into: pairs } }",
        "{ name: verb, extract: { format: expression, expression: '(?P<verb>[a-z]+)=(?P<host>\\S+)' } }",
        "{ name: where, enrich: { fields: { region: eu, app: none }, kubernetes: host } }",
        "{ name: away, when: { message: away }, route: { dead-letter: true } }",
        "{ name: loud, when: { not: [ { message: x } ] }, route: { severity: alert } }"
    };

    private static final String REDACTION =
            "{ name: secrets, redact: { patterns: 'email, ipv4, ipv6, card, bearer, aws',"
                    + " expressions: ['tok-[0-9a-f]+'], %s } }";

    /** What the repetition makes of frames; the same each time. */
    private final List<JsonNode> stored = new ArrayList<>();

    @RepeatedTest(60)
    void countsReconcileOrderIsKeptAndNoSecretIsLeft(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        String rules = rules(random);
        RuleRun run = RuleRun.of(rules).from("main", "shipper");
        for (int i = 0; i < FRAMES; i++) {
            run.frame(frame(random));
        }
        run.encoder.seal();
        stored.addAll(run.stored);
        long filtered =
                run.filtered.values().stream().mapToLong(Long::longValue).sum();
        assertThat(stored.size() + run.deadLetters.size() + filtered).as(rules).isEqualTo(FRAMES);
        assertThat(stored)
                .extracting(event -> Instant.parse(event.get("received_at").asString()))
                .isSorted()
                .doesNotHaveDuplicates();
        for (JsonNode event : stored) {
            String text = event.toString();
            assertNoSecret(text, rules);
            assertThat(text).doesNotContain("sluice.original");
        }
        run.deadLetters.forEach(payload -> assertNoSecret(payload, rules));
        run.details.forEach(detail -> assertNoSecret(detail, rules));
    }

    private static void assertNoSecret(String text, String rules) {
        for (String secret : SECRETS) {
            String core = secret.startsWith("Bearer ") ? secret.substring(7) : secret;
            assertThat(text)
                    .as(rules)
                    .doesNotContain(core)
                    .doesNotContain(Base64.getEncoder().encodeToString(core.getBytes(UTF_8)));
        }
    }

    /** Some rules in some order, the redaction after those that copy and before those that drop or route. */
    private static String rules(Random random) {
        List<String> chosen = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            String rule = RULES[random.nextInt(RULES.length)];
            if (!chosen.contains(rule)) {
                chosen.add(rule);
            }
        }
        int copied = 0;
        for (int i = 0; i < chosen.size(); i++) {
            copied = chosen.get(i).contains("extract:") ? i + 1 : copied;
        }
        String instead = random.nextBoolean() ? "replacement: '<\"gone\">'" : "hash-key: 0123456789abcdef0123";
        chosen.add(copied + random.nextInt(chosen.size() - copied + 1), REDACTION.formatted(instead));
        return "- " + String.join("\n- ", chosen);
    }

    private static byte[] frame(Random random) {
        String text = text(random);
        return switch (random.nextInt(6)) {
            case 0 ->
                ("<15>1 2026-11-24T00:00:00Z web-6d5f7c9b8d-x2x4z app 1 - [x@1 k=\""
                                + text.replace("]", "").replace("\"", "") + "\"] " + text(random))
                        .getBytes(UTF_8);
            case 1 ->
                ("<11>1 - h a - - - {\"msg\":" + quoted(text, random) + ",\"card\":4111111111111111,\"k\":{"
                                + quoted(text(random), random) + ":[1]}}")
                        .getBytes(UTF_8);
            case 2 ->
                ("{\"message\":" + quoted(text, random) + ",\"" + text(random).replace("\"", "") + "\":"
                                + quoted(text(random), random) + ",\"twice\":" + quoted(text, random) + ",\"twice\":1}")
                        .getBytes(UTF_8);
            case 3 -> ("{\"no\": " + quoted(text, random) + "}").getBytes(UTF_8);
            case 4 -> ("{\"oops\": \"" + text.replace("\"", "") + "\", ").getBytes(UTF_8);
            default -> ("plain \u00ff " + text).getBytes(ISO_8859_1);
        };
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        String[] words = {"drop", "away", "GET", "k=v", "note=\"a b\"", "x", "é", "17ms", "[a]"};
        for (int i = random.nextInt(6); i >= 0; i--) {
            text.append(
                    random.nextInt(3) == 0
                            ? SECRETS[random.nextInt(SECRETS.length)]
                            : words[random.nextInt(words.length)]);
            text.append(' ');
        }
        return text.toString();
    }

    /** A string of JSON, some characters as escapes. */
    private static String quoted(String text, Random random) {
        StringBuilder json = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\' || random.nextInt(20) == 0) {
                json.append("\\u%04x".formatted((int) c));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }
}
