package dev.sluice.rule.search;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpressionSizeTest {

    /** What begins and ends every program of the engine. */
    private static final int FRAME = 4;

    private static final List<String> PARTS = List.of(
            "a",
            "\\d",
            ".",
            "[a-z]",
            "[^]x]",
            "[[:alpha:]_]",
            "\\pL",
            "\\p{Greek}",
            "[\\w.-]",
            "\\x{10FFFF}",
            "é",
            "\\Qa.b\\E",
            "(",
            ")",
            "(?:",
            "(?P<n>",
            "|",
            "^",
            "$",
            "\\b",
            "*",
            "+",
            "?",
            "*?",
            "{3}",
            "{2,5}",
            "{4,}",
            "{0,3}",
            "{0}",
            "(?i)",
            "{,2}",
            "{x",
            "ab");

    @Test
    void theEngineNeverMakesMoreSteps() {
        Random random = new Random(1);
        int compiled = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int part = random.nextInt(12); part >= 0; part--) {
                text.append(PARTS.get(random.nextInt(PARTS.size())));
            }
            String expression = text.toString();
            if (ExpressionSize.of(expression) < 10_000) {
                compiled += compare(expression);
            }
        }
        assertThat(compiled).isGreaterThan(1000);
    }

    private static int compare(String expression) {
        try {
            int steps = Pattern.compile(expression).programSize();
            assertThat(steps).as(expression).isLessThanOrEqualTo((int) ExpressionSize.of(expression) + FRAME);
            return 1;
        } catch (PatternSyntaxException noExpression) {
            return 0;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"password=(\\S+)", "^(?P<host>\\S+) (?P<verb>[A-Z]+) ", "\\bpin \\d{4}", "a(?:b|c)*?d"})
    void whatPeopleWriteIsSmall(String expression) {
        assertThat(ExpressionSize.of(expression)).isLessThan(40);
    }

    @ParameterizedTest
    @ValueSource(strings = {"((a{100}){100}){100}", "(((a{30}){30}){30}){30}", "a{1000}{1000}", "(\\pL{1,900}x){9}"})
    void whatWouldFillTheMemoryIsSeen(String expression) {
        assertThat(ExpressionSize.of(expression)).isGreaterThan(100_000);
    }

    @Test
    void whatNeverEndsOrIsTooDeepIsSeen() {
        assertThat(ExpressionSize.of("(".repeat(100_000))).isGreaterThan(1_000_000);
        for (String open : List.of("[", "[^", "[[:", "\\", "\\Q", "\\p{", "\\x{", "a{1", "a{1,2,3}", ")", "(")) {
            assertThat(ExpressionSize.of(open)).as(open).isBetween(0L, 1000L);
        }
    }
}
