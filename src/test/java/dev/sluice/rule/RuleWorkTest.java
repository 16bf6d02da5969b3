package dev.sluice.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.CountingLoader;
import dev.sluice.testing.Steps;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An attacker who may send text chooses it so that the rules work most. However he does, twice the text makes at most
 * about twice the work. Steps are counted, not time: see {@link CountingLoader}.
 */
class RuleWorkTest {

    /** Texts of this size, and of twice and four times the size, are compared. */
    private static final int SIZE = 2 * 1024;

    /** Something of the work is the same for every text, and arrays grow by doubling. */
    private static final double DOUBLE_MAX = 2.6;

    private static Function<String, Consumer<String>> counted;

    @BeforeAll
    @SuppressWarnings("unchecked") // a twin of CountedRules
    static void loadCountedCode() throws ReflectiveOperationException {
        CountingLoader loader = new CountingLoader("dev.sluice", "com.google.re2j");
        counted = (Function<String, Consumer<String>>) loader.make(CountedRules.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            (a+)+!                         ; ax
            (x|xx)*y(x|xx)*z               ; xx
            (a|aa)+$                       ; aaaa
            a*b?                           ; a
            x(.*y)?                        ; x
            (?:x.*y)?                      ; x
            pin(?: .* code=(\\S+))?        ; `pin `
            pin=(\\d+)(?:.*!)?             ; `pin=1 `
            é(.*y)?                        ; é
            \\bx|y.*z                      ; `y x `
            (x+)(x+y)?                     ; x
            """)
    void anExpressionTakesLinearWork(String expression, String hostile) {
        String redact = "- { name: evil, redact: { expressions: ['%s'] } }".formatted(expression.replace("\\\\", "\\"));
        assertLinear(redact, size -> syslog(hostile.repeat(size / hostile.length())));
        assertLinear(redact, size -> "{\"message\":\"m\",\"a\":\"" + hostile.repeat(size / hostile.length()) + "\"}");
        assertLinear(redact, size -> "{\"no json: " + hostile.repeat(size / hostile.length()));
        assertLinear(
                "- { name: evil, when: { message: '%s' }, filter: {} }".formatted(expression.replace("\\\\", "\\")),
                size -> syslog(hostile.repeat(size / hostile.length())));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            email  ; a@
            email  ; a@b.
            email  ; @.
            ipv6   ; ::f
            ipv6   ; f:
            ipv4   ; 1.2.
            ipv4   ; 1.2.3.4/
            card   ; 4111 -
            card   ; 4111
            card   ; 4111111111111111-
            bearer ; bearer:
            bearer ; bearer
            bearer ; `bearer =`
            bearer ; bearerx.
            aws    ; secretAKIA
            aws    ; AKIAIOSFODNN7EXAMPLE/
            aws    ; AKIAIOSFODNN7EXAMPLE+secret=
            """)
    void aNamedPatternTakesLinearWork(String pattern, String hostile) {
        String redact = "- { name: evil, redact: { patterns: %s } }".formatted(pattern);
        assertLinear(redact, size -> syslog(hostile.repeat(size / hostile.length())));
        assertLinear(redact, size -> "{\"message\":\"m\",\"a\":\"" + hostile.repeat(size / hostile.length()) + "\"}");
    }

    /** A word of a pattern's letters, repeated: nobody has to think of the one that hurts. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            email  ; `a.@ -`
            ipv6   ; `f:1. g`
            ipv4   ; `1.25 x`
            card   ; `4 1-0x`
            bearer ; bearer|Bearer |=|:|x|AKIAIOSFODNN7EXAMPLE
            aws    ; AKIAIOSFODNN7EXAMPLE|AKIA|secret|/|=|wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY|x
            """)
    void noWordRepeatedTakesMoreThanLinearWork(String pattern, String letters) {
        String rule = "- { name: evil, redact: { patterns: %s } }".formatted(pattern);
        Random random = new Random(pattern.hashCode());
        String[] parts = letters.split(letters.contains("|") ? "\\|" : "");
        for (int i = 0; i < 60; i++) {
            StringBuilder word = new StringBuilder();
            for (int j = random.nextInt(5); j >= 0; j--) {
                word.append(parts[random.nextInt(parts.length)]);
            }
            assertLinear(rule, size -> syslog(word.toString().repeat(size / word.length() + 1)));
        }
    }

    @Test
    void attributesTakeLinearWork() {
        String all = "- { name: all, redact: { patterns: 'email, ipv4, ipv6, card, bearer, aws' } }";
        assertLinear(
                all, size -> "{\"message\":\"m\",\"a\":[" + "{\"sluice.original\":\"x\"},".repeat(size / 24) + "1]}");
        assertLinear(
                all,
                size -> "{\"message\":\"m\",\"\\u0040" + "s".repeat(size / 2) + "\":[" + "4111,".repeat(size / 10)
                        + "1]}");
    }

    @Test
    void lookingUpAnAttributeTakesLinearWork() {
        String rule = "- { name: look, when: { attributes: { ? x.a.%s : '*' } }, filter: {} }";
        assertLinear(
                size -> rule.formatted("b".repeat(size / 8)),
                size -> "{\"message\":\"m\",\"x\":{" + "\"a\":{},".repeat(size / 8) + "\"b\":1}}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            format: logfmt                                ; `a=1 `
            format: logfmt, columns: { host: a }          ; `a=1 `
            format: logfmt, columns: { host: a }          ; `a= `
            format: logfmt, columns: { severity: a }      ; `a= `
            format: logfmt, into: a                       ; `a= `
            format: logfmt                                ; `a=" `
            format: json                                  ; `"a":1,`
            format: json                                  ; `"\\u0061":"\\u0062",`
            format: json                                  ; `"a":[[[1]]],`
            format: json, columns: { host: a, app: b }    ; `"a":"","b":"",`
            """)
    void extractingTakesLinearWork(String extract, String pairs) {
        String rule = "- { name: evil, extract: { %s } }".formatted(extract);
        String word = pairs.replace("\\\\", "\\");
        IntFunction<String> message = size -> {
            String all = word.repeat(size / word.length() / 2);
            return extract.contains("json") ? "{" + all + "\"z\":1}" : all;
        };
        assertLinear(rule, size -> syslog(message.apply(size)));
        String before =
                "{\"message\":\"%s\",\"a\":\"%s\",\"host\":\"h\",\"app\":\"a\",\"sluice.host\":1,\"sluice.app\":1}";
        assertLinear(
                rule,
                size -> before.formatted(
                        message.apply(size).replace("\\", "\\\\").replace("\"", "\\\""), "y".repeat(size / 2)));
    }

    @Test
    void textsWithStarsTakeLinearWork() {
        assertLinear(
                "- { name: evil, when: { host: '*ab*ab*ac*ad' }, filter: {} }",
                size -> "<14>1 - " + "ab".repeat(size / 2) + " a - - - m");
    }

    private static String syslog(String message) {
        return "<14>1 - h a - - - " + message;
    }

    private static void assertLinear(String rules, IntFunction<String> line) {
        assertLinear(size -> rules, line);
    }

    private static void assertLinear(IntFunction<String> rules, IntFunction<String> line) {
        long[] steps = new long[3];
        for (int i = 0; i < steps.length; i++) {
            int size = SIZE << i;
            Consumer<String> run = counted.apply(rules.apply(size));
            String text = line.apply(size);
            run.accept(text); // arrays have grown
            steps[i] = Steps.of(() -> run.accept(text));
        }
        String what = Arrays.toString(steps) + " steps for " + rules.apply(0) + " and " + line.apply(100);
        assertThat((double) steps[1] / steps[0]).as(what).isLessThan(DOUBLE_MAX);
        assertThat((double) steps[2] / steps[1]).as(what).isLessThan(DOUBLE_MAX);
    }
}
