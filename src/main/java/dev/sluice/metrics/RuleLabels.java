package dev.sluice.metrics;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The names that rules have had since the start, as values of a label: those beyond many share one. */
final class RuleLabels {

    private static final int MAX = 1000;
    private static final String OTHER = "other";

    private final Set<String> names = ConcurrentHashMap.newKeySet();

    String of(String rule) {
        return names.contains(rule) || (names.size() < MAX && names.add(rule)) ? rule : OTHER;
    }
}
