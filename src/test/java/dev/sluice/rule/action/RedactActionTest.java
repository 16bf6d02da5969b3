package dev.sluice.rule.action;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rule.RuleRun;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class RedactActionTest {

    private static final String ALL = """
            - name: secrets
              redact: { patterns: "email, ipv4, ipv6, card, bearer, aws" }
            """;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            for a.b+c@mail.example.com.                       | for #.
            mailto:Jürgen@example.org,x                       | mailto:#,x
            root@localhost and @nobody and a@b                | root@localhost and @nobody and a@b
            from 10.1.2.3:443 to (192.168.0.1).               | from #:443 to (#).
            version 1.2.3 of 1.2.3.4.5 and v1.2.3.4 256.1.1.1 | version 1.2.3 of 1.2.3.4.5 and v1.2.3.4 256.1.1.1
            at fe80::1%eth0, [2001:db8::8a2e:370:7334]:80     | at #%eth0, [#]:80
            1:2:3:4:5:6:7:8 and ::ffff:10.0.0.1 x             | # and # x
            12:34:56 std::string a:b 00:1a:2b:3c:4d:5e        | 12:34:56 std::string a:b 00:1a:2b:3c:4d:5e
            card 4111111111111111, 5500-0000-0000-0004 ok     | card #, # ok
            card 4111 1111 1111 1111 12/27 and 3782 822463 10005 | card # 12/27 and #
            order 4111111111111112 id 123456789012345678901   | order 4111111111111112 id 123456789012345678901
            Authorization: Bearer abc.DEF-123_x== end         | Authorization: Bearer # end
            bearer of good news                               | bearer of good news
            key AKIAIOSFODNN7EXAMPLE!                         | key #!
            AKIAIOSFODNN7EXAMPLEX                             | AKIAIOSFODNN7EXAMPLEX
            aws_secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY; | aws_secret_access_key=#;
            """)
    void namedPatternsFindWhatTheyMeanAndNothingElse(String message, String expected) {
        assertThat(RuleRun.of(ALL).message(message).get("message").asString())
                .isEqualTo(expected.replace("#", "[redacted]"));
    }

    @Test
    void attributesAreRedactedWhateverTheirEscapes() {
        RuleRun run = RuleRun.of(ALL);
        run.line("""
                {"message":"m","a":{"b":["x a\\u0040b.example y",4111111111111111,-5500000000000004]},"c@d.example":1,\
                "host":"10.0.0.1","secretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}""");
        JsonNode event = run.last();
        assertThat(event.get("host").asString()).isEqualTo("[redacted]");
        assertThat(event.get("attributes").toString()).isEqualTo("""
                {"a":{"b":["x [redacted] y","[redacted]","-[redacted]"]},"[redacted]":1,\
                "secretAccessKey":"[redacted]"}""");
    }

    @Test
    void aLongNameThatSaysSecretCountsAsWell() {
        RuleRun run = RuleRun.of(ALL);
        run.line("{\"message\":\"m\",\"secret_key_of_the_account_for_production_in_europe\":"
                + "\"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\"}");
        assertThat(run.last().get("attributes").toString()).doesNotContain("wJalr");
    }

    @Test
    void aWholeObjectAsMessageIsRedactedToo() {
        RuleRun run = RuleRun.of(ALL);
        run.line("{\"x\":\"a\\u0040b.example\"}");
        assertThat(run.last().toString()).doesNotContain("b.example").doesNotContain("u0040b");
    }

    @Test
    void theOriginalOfARepairedFrameIsDropped() {
        RuleRun run = RuleRun.of(ALL);
        run.frame("<13>1 - h a - - [x@1 k=\"v\"] bad \u00ff byte".getBytes(ISO_8859_1));
        assertThat(run.last().get("attributes").toString()).isEqualTo("{\"x@1\":{\"k\":\"v\"}}");
        run.frame("<13>1 - h a - - - bad \u00ff byte".getBytes(ISO_8859_1));
        assertThat(run.last().has("attributes")).isFalse();
    }

    @Test
    void ofAnExpressionWithAGroupTheGroupIsReplaced() {
        RuleRun run = RuleRun.of("""
                - name: own
                  redact: { expressions: ['password=(\\S+)', '\\bpin \\d{4,6}'], replacement: "***" }
                """);
        assertThat(run.message("password=a,b password=c pin 12345 pin 1")
                        .get("message")
                        .asString())
                .isEqualTo("password=*** password=*** *** pin 1");
    }

    @Test
    void whatAReplacementBringsTogetherIsFoundAsWell() {
        RuleRun run = RuleRun.of("[{ name: own, redact: { expressions: ['XX', 'pass=(\\S+)'], replacement: '' } }]");
        assertThat(run.message("paXXss=hunter2").get("message").asString()).isEqualTo("pass=");
    }

    @Test
    void equalValuesHaveEqualHashesAndAnotherKeyOtherOnes() {
        String rule = "[{name: a, redact: {patterns: email, hash-key: %s}}]";
        RuleRun run = RuleRun.of(rule.formatted("0123456789abcdef"));
        String first = run.message("a@b.example").get("message").asString();
        assertThat(first).matches("hmac:[0-9a-f]{16}");
        assertThat(run.message("a@b.example").get("message").asString()).isEqualTo(first);
        assertThat(run.message("c@b.example").get("message").asString()).isNotEqualTo(first);
        assertThat(RuleRun.of(rule.formatted("0123456789abcdeX"))
                        .message("a@b.example")
                        .get("message")
                        .asString())
                .isNotEqualTo(first);
    }

    @Test
    void whatCannotBeDecodedIsRedactedAsBytes() {
        RuleRun run = RuleRun.of(ALL);
        run.line("{\"mail\": \"a@b.example\", oops");
        assertThat(run.deadLetters).containsExactly("{\"mail\": \"[redacted]\", oops");
    }

    @Test
    void aLongReplacementGivesWayToAnAsteriskWhenTheEventWouldGrowTooMuch() {
        RuleRun run = RuleRun.of("[{name: a, redact: {expressions: x, replacement: %s}}]".formatted("y".repeat(100)));
        String message = run.message("x".repeat(1000)).get("message").asString();
        assertThat(message).doesNotContain("x").endsWith("*");
        assertThat(message.length()).isLessThan(1000 * 3 + 1024 + 100);
    }

    /** Each match looks for a code to the end of the text, and finds none. */
    @ParameterizedTest
    @ValueSource(strings = {"pin=1234 ", "pin=1234 ü "})
    void whereAnExpressionReadsTooMuchAllThatIsLeftIsRedacted(String part) {
        RuleRun run = RuleRun.of("- { name: own, redact: { expressions: ['pin=(\\d+)(?:.* code)?'] } }");
        String message =
                run.message("begin " + part.repeat(1000)).get("message").asString();
        assertThat(message).startsWith("begin pin=[redacted] ").endsWith("=[redacted][redacted]");
        assertThat(message).doesNotContain("1234");
        run.encoder.seal();
        assertThat(run.cutShort).containsEntry("own", 1L);
    }

    @Test
    void honestMatchesAreReplacedOneByOneHoweverManyThereAre() {
        RuleRun run = RuleRun.of(
                "- { name: own, redact: { expressions: ['pin=(\\d+)', 'k\u00e9y-(.)', '(q)'], replacement: '#' } }");
        assertThat(run.message("pin=1234 k\u00e9y-\u20ac\ud83d\ude00q ".repeat(2000))
                        .get("message")
                        .asString())
                .isEqualTo("pin=# k\u00e9y-#\ud83d\ude00# ".repeat(2000));
        run.encoder.seal();
        assertThat(run.cutShort).isEmpty();
    }

    /** Made at random of few characters of one to four bytes. */
    @RepeatedTest(20)
    void matchesAreWhereTheyAre(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        String[] parts = {"a", "\u00e9", "\u20ac", "\ud83d\ude00", "."};
        for (int i = 0; i < 200; i++) {
            StringBuilder expression = new StringBuilder();
            for (int j = random.nextInt(4); j >= 0; j--) {
                expression.append(parts[random.nextInt(parts.length)]).append(random.nextInt(4) == 0 ? "*" : "");
            }
            StringBuilder text = new StringBuilder("x");
            for (int j = random.nextInt(30); j >= 0; j--) {
                text.append(parts[random.nextInt(parts.length)]);
            }
            RuleRun run = RuleRun.of(
                    "- { name: r, redact: { expressions: ['%s'], replacement: '#' } }".formatted(expression));
            assertThat(run.message(text.toString()).get("message").asString())
                    .as(expression + " in " + text)
                    .isEqualTo(Pattern.compile(expression.toString())
                            .matcher(text)
                            .replaceAll(match -> match.group().isEmpty() ? "" : "#"));
        }
    }
}
