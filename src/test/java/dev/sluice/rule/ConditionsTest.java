package dev.sluice.rule;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConditionsTest {

    private static final String LINE =
            "<12>1 2026-11-24T00:00:00Z web-07.eu checkout 42 REQ [ctx@1 user=\"ann\" n=\"5\"] GET /health took 17 ms";

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            {}                                                    ; true
            { severity: warning }                                 ; true
            { severity: 'error, 4' }                              ; true
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

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            GET /health          ; [GET /health]
            a.*timeout\\s+after  ; [timeout]
            colou?r grey         ; [r grey]
            abc{2}               ; [ab]
            abcd+                ; [abcd]
            foo|bar|ba           ; [foo, bar, ba]
            foo|x                ; []
            foo|\\d+             ; []
            (?i)foo              ; []
            (?:foo|bar)=x1       ; [=x1]
            [abc]def[^]x]gh      ; [def]
            [[:alpha:]]]xyz      ; []xyz]
            a\\.b\\.c            ; [a.b.c]
            \\Qa.b\\E            ; []
            (a(b)c)*             ; []
            """)
    void requiredTextsAreReadOutOfExpressions(String expression, String expected) {
        assertThat(RequiredLiterals.of(expression.replace("\\\\", "\\"))).hasToString(expected);
    }
}
