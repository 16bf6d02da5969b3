package dev.sluice.rule.search;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequiredLiteralsTest {

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            GET /health          ; [GET /health]=
            a.*timeout\\s+after  ; [timeout]
            colou?r grey         ; [r grey]
            abc{2}               ; [ab]
            abcd+                ; [abcd]
            foo|bar|ba           ; [foo, bar, ba]=
            foo|bar+             ; [foo, bar]
            foo|x                ; []
            foo|\\d+             ; []
            (?i)fob              ; [fob]=i
            (?i)password=\\S     ; [word=]i
            (?i)mißt             ; [mi]i
            (?i:foo)             ; []
            (?:foo|bar)=x1       ; [=x1]
            [abc]def[^]x]gh      ; [def]
            [[:alpha:]]]xyz      ; []xyz]
            a\\.b\\.c            ; [a.b.c]=
            \\Qa.b\\E            ; []
            (a(b)c)*             ; []
            ^\\{                 ; []^{=
            ^\\{"                ; [{"]^{"=
            ^GET /a?b            ; [GET /]^GET /
            ^a?bcd               ; [bcd]
            ^(?:foo|bar)=x1      ; [=x1]
            ^foo|bar             ; [foo, bar]
            a^foo                ; [foo]
            """)
    void requiredTextsAreReadOutOfExpressions(String expression, String expected) {
        RequiredLiterals literals = RequiredLiterals.of(expression.replace("\\\\", "\\"));
        assertThat(literals.texts()
                        + (literals.start().isEmpty() ? "" : "^" + literals.start())
                        + (literals.isAll() ? "=" : "")
                        + (literals.anyCase() ? "i" : ""))
                .isEqualTo(expected);
    }
}
