package dev.sluice.rule;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** Every action by its name in the configuration: a new one is a class and a line here. */
final class Actions {

    private static final Map<String, Function<Settings, Action>> TYPES = new LinkedHashMap<>();

    static {
        TYPES.put("filter", settings -> new FilterAction());
        TYPES.put("sample", SampleAction::new);
        TYPES.put("redact", RedactAction::new);
        TYPES.put("extract", ExtractAction::new);
        TYPES.put("map", MapAction::new);
        TYPES.put("enrich", EnrichAction::new);
        TYPES.put("route", RouteAction::new);
    }

    private Actions() {}

    static Map<String, Function<Settings, Action>> types() {
        return TYPES;
    }
}
