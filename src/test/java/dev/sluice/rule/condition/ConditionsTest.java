package dev.sluice.rule.condition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.sluice.rule.RuleRun;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionsTest {

    private static final String[] EXPRESSION_PARTS = {
        "a", "ab", "s", "kb", "é", "B", "?", "|", ".", "[ab]", "(?:ab|b)", "\\.", "$", "\\b", "\\d?"
    };

    private static final String[] STARTS = {"", "(?i)", "^", "(?i)^"};

    private static final String[] TEXT_PARTS = {"a", "b", "ab", "S", "ſ", "K", "\u212a", "é", "É", "B", ".", " "};

    private static final String LINE =
            "<12>1 2026-11-24T00:00:00Z web-07.eu checkout 42 REQ [ctx@1 user=\"ann\" n=\"5\"] GET /health took 17 ms";

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            {}                                                    ; true
            { severity: warning }                                 ; true
            { severity: 'error, 4' }                              ; true
            { severity: all }                                     ; true
            { not: [ { severity: ALL } ] }                        ; false
            { severity: error..emergency }                        ; false
            { severity: debug..notice }                           ; false
            { listener: main }                                    ; true
            { source: '10.*' }                                    ; true
            { source: 10.1.1.1 }                                  ; false
            { host: 'web-*.eu' }                                  ; true
            { host: '*-07*' }                                     ; true
            { host: 'web-*.eu.net' }                              ; false
            { app: [nginx, checkout] }                            ; true
            { app: check }                                        ; false
            { app: checkout, host: other }                        ; false
            { attributes: { 'ctx@1.user': ann } }                 ; true
            { attributes: { 'ctx@1.user': 'b*' } }                ; false
            { attributes: { nothing: '*' } }                      ; false
            { message: 'GET /health' }                            ; true
            { message: 'took \\d+ ms$' }                          ; true
            { message: '(?i)get' }                                ; true
            { message: '^get' }                                   ; false
            { message: 'POST|PUT|took' }                          ; true
            { message: 'POST|PUT' }                               ; false
            { any: [ { app: nginx }, { severity: warning } ] }    ; true
            { any: [ { app: nginx }, { severity: error } ] }      ; false
            { all: [ { app: checkout }, { message: took } ] }     ; true
            { all: [ { app: checkout }, { message: gave } ] }     ; false
            { not: [ { app: nginx } ] }                           ; true
            { not: [ { app: nginx }, { app: checkout } ] }        ; false
            { not: [ { not: [ { app: checkout } ] } ] }           ; true
            { not: [ { any: [ { not: [ { app: nginx } ] } ] } ] } ; false
            """)
    void conditionsHoldOrNot(String when, boolean expected) {
        RuleRun run = RuleRun.of("- { name: r, when: %s, filter: {} }".formatted(when.replace("\\\\", "\\")));
        assertThat(run.line(LINE).contains("r")).isEqualTo(expected);
    }

    @Test
    void allSeveritiesAreThoseThatAreKnown() {
        RuleRun run = RuleRun.of("- { name: r, when: { severity: all }, filter: {} }");
        for (int severity = 0; severity <= 7; severity++) {
            assertThat(run.line("{\"message\":\"m\",\"level\":" + severity + "}"))
                    .contains("r");
        }
        assertThat(run.line("{\"message\":\"m\"}")).isEmpty();
    }

    /** What it says: texts, the start after a circumflex, = where that is all, i where case does not matter. */
    /** Made at random of few letters, so that much of it nearly matches. */
    @RepeatedTest(20)
    void whatIsLookedAtFirstNeverHidesAMatch(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        for (int i = 0; i < 300; i++) {
            String expression = made(random, STARTS, 1) + made(random, EXPRESSION_PARTS, 5);
            if (!isReadable(expression)) {
                continue;
            }
            RuleRun run = RuleRun.of("- { name: r, when: { message: '%s' }, filter: {} }".formatted(expression));
            for (int j = 0; j < 10; j++) {
                String message = made(random, TEXT_PARTS, 8);
                boolean matches = Pattern.compile(expression).matcher(message).find();
                assertThat(run.message(message) == null)
                        .as(expression + " in " + message)
                        .isEqualTo(matches);
            }
        }
    }

    /** The engine takes more places for the start than there are, but not where all alternatives begin with it. */
    private static boolean isReadable(String expression) {
        try {
            return !(expression.contains("^") && expression.contains("|")) && Pattern.compile(expression) != null;
        } catch (PatternSyntaxException e) {
            return false;
        }
    }

    private static String made(Random random, String[] parts, int most) {
        StringBuilder made = new StringBuilder();
        int count = 1 + random.nextInt(most);
        for (int i = 0; i < count; i++) {
            String part = parts[random.nextInt(parts.length)];
            made.append(part);
        }
        return made.toString();
    }
}
