package dev.sluice.rule;

import java.util.function.Consumer;
import java.util.function.Function;

/** Rules, and lines that they see, for a test that counts the steps of all this; it has only the types of the JDK. */
final class CountedRules implements Function<String, Consumer<String>> {

    @Override
    public Consumer<String> apply(String yaml) {
        return RuleRun.of(yaml)::line;
    }
}
