package dev.sluice.rule;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Keeps the benchmark from rotting. */
class RulesBenchmarkTest {

    @Test
    void theTenRulesDoSomething() {
        RulesBenchmark with = new RulesBenchmark();
        with.prepare();
        RulesBenchmark without = new RulesBenchmark();
        without.rules = "none";
        without.prepare();
        assertThat(with.decodeAndApply()).isNotEqualTo(without.decodeAndApply());
    }
}
