package dev.sluice.rule;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What is known while the rules are made: whose turn it is, and what was wrong so far. */
final class Compilation {

    private final UnaryOperator<@Nullable String> environment;
    private final List<Mistake> mistakes = new ArrayList<>();
    private String rule = "";

    Compilation(UnaryOperator<@Nullable String> environment) {
        this.environment = environment;
    }

    void rule(String name) {
        rule = name;
    }

    String rule() {
        return rule;
    }

    @Nullable
    String environment(String variable) {
        return environment.apply(variable);
    }

    void mistake(String property, String text) {
        mistakes.add(new Mistake(rule, property, text));
    }

    List<Mistake> mistakes() {
        return mistakes;
    }
}
