package dev.sluice.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.rule.settings.InvalidRulesException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InvalidRulesTest {

    @Test
    void allMistakesAreReportedAtOnceWithRulePropertyAndWhatWouldBeRight() {
        assertThat(errors("""
                        - { name: one, whne: { app: x }, filter: {} }
                        - { name: one, redact: { patterns: emial } }
                        - { sample: { share: 2 } }
                        """))
                .containsExactly(
                        "The processors are not configured right:",
                        "- processors[0].whne (rule one): is unknown, expected one of name, when, filter, sample, redact, extract,"
                                + " map, enrich, route",
                        "- processors[1].name (rule one): is \"one\" as another rule's, expected a name of its own",
                        "- processors[1].redact.patterns (rule one): is \"emial\", expected one of email, ipv6, ipv4, card, bearer,"
                                + " aws",
                        "- processors[2].name (rule without a name): is \"\", expected 1 to 63 letters, digits, points, dashes",
                        "- processors[2].sample.share (rule without a name): is \"2\", expected a number above 0 and up to 1, such"
                                + " as 0.1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            {}                                                  ; processors[0]                 ; has no action
            { filter: {}, route: { severity: 1 } }              ; processors[0]                 ; filter, route
            { filter: { x: 1 } }                                ; processors[0].filter.x        ; nothing here
            { when: { severity: loud }, filter: {} }            ; processors[0].when.severity   ; debug..info
            { when: { not: { app: x } }, filter: {} }           ; processors[0].when.not.app    ; not[0].app
            { when: { message: '(' }, filter: {} }              ; processors[0].when.message    ; regular expression
            { when: { any: [ { foo: x } ] }, filter: {} }       ; processors[0].when.any[0].foo ; one of severity
            { when: { host: '' }, filter: {} }                  ; processors[0].when.host       ; is empty
            { sample: { share: 0 } }                            ; processors[0].sample.share    ; above 0
            { sample: { share: 0.5, by: attributes. } }         ; processors[0].sample.by       ; attributes.NAME
            { redact: {} }                                      ; processors[0].redact          ; nothing to find
            { redact: { patterns: email, hash-key: secret } }   ; processors[0].redact.hash-key ; at least 16
            { redact: { patterns: email, hash-key: '${NONE}' } } ; processors[0].redact.hash-key ; not set
            { extract: {} }                                     ; processors[0].extract.format  ; json, logfmt
            { extract: { format: expression } }                 ; processors[0].extract.expression ; format: expression
            { extract: { format: expression, expression: 'x' } } ; processors[0].extract.expression ; (?P<name>
            { extract: { format: json, columns: { x: y } } }    ; processors[0].extract.columns ; message, host
            { extract: { format: json, from: host } }           ; processors[0].extract.from    ; attributes.NAME
            { map: {} }                                         ; processors[0].map             ; column: path
            { map: { application: a } }                         ; processors[0].map.application ; message, host, app
            { map: { app: '' } }                                ; processors[0].map.app         ; kubernetes.labels.app
            { enrich: {} }                                      ; processors[0].enrich          ; adds nothing
            { enrich: { environment: { a: NOT_SET } } }         ; processors[0].enrich.environment ; that is set
            { enrich: { fields: { message: x } } }              ; processors[0].enrich.fields   ; host, app
            { route: {} }                                       ; processors[0].route           ; leads nowhere
            { route: { dead-letter: maybe } }                   ; processors[0].route.dead-letter ; true
            """)
    void aMistakeNamesThePropertyAndWhatWouldBeRight(String rule, String property, String expected) {
        String named = "- { name: r" + (rule.equals("{}") ? " }" : ", " + rule.substring(1));
        assertThat(errors(named))
                .anySatisfy(line -> assertThat(line)
                        .startsWith("- " + property + " (rule r)")
                        .contains(expected));
    }

    @Test
    void noMistakeTellsAKey() {
        String text = String.join("\n", errors("- { name: r, redact: { patterns: email, hash-key: hunter2 } }"));
        assertThat(text).doesNotContain("hunter2");
    }

    private static String[] errors(String yaml) {
        InvalidRulesException errors = catchThrowableOfType(InvalidRulesException.class, () -> RuleRun.rules(yaml));
        assertThat(errors).as(yaml).isNotNull();
        return errors.getMessage().split("\n");
    }
}
