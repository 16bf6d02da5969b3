package dev.sluice.rule.settings;

import java.util.ArrayList;
import java.util.List;

/** What is known while the rules are made: whose turn it is, and what was wrong so far. */
public final class Compilation {

    private final RuleEnvironment environment;
    private final List<ConfigError> errors = new ArrayList<>();
    private String rule = "";
    private long steps;

    public Compilation(RuleEnvironment environment) {
        this.environment = environment;
    }

    public void rule(String name) {
        rule = name;
    }

    public String rule() {
        return rule;
    }

    RuleEnvironment environment() {
        return environment;
    }

    boolean takeSteps(long more, long max) {
        boolean fits = steps + more <= max;
        steps += fits ? more : 0;
        return fits;
    }

    void error(String property, String text) {
        errors.add(new ConfigError(rule, property, text));
    }

    public List<ConfigError> errors() {
        return errors;
    }
}
