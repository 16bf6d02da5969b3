package dev.sluice.metrics;

import static java.util.Objects.requireNonNull;

import dev.sluice.rule.RuleObserver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the rules report. The names of rules are the operator's. */
final class RuleMetrics implements RuleObserver {

    private record Meters(Counter filtered, Counter cutShort, Timer seconds) {}

    private final Map<String, Meters> rules;

    RuleMetrics(MeterRegistry registry, List<String> names, RuleLabels labels) {
        rules = names.stream()
                .collect(Collectors.toUnmodifiableMap(Function.identity(), rule -> meters(registry, labels.of(rule))));
    }

    private static Meters meters(MeterRegistry registry, String rule) {
        return new Meters(
                registry.counter("sluice.events.filtered", "rule", rule),
                registry.counter("sluice.redactions.cut.short", "rule", rule),
                registry.timer("sluice.processor", "rule", rule));
    }

    @Override
    public void applied(String rule, long filtered, long nanos) {
        Meters meters = requireNonNull(rules.get(rule));
        if (filtered > 0) {
            meters.filtered.increment((double) filtered);
        }
        meters.seconds.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void cutShort(String rule, long texts) {
        requireNonNull(rules.get(rule)).cutShort.increment((double) texts);
    }
}
