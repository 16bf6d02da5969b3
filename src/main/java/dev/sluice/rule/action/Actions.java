package dev.sluice.rule.action;

import dev.sluice.rule.settings.Settings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** Every action by its name in the configuration: a new one is a class and a line here. */
public final class Actions {

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

    public static Map<String, Function<Settings, Action>> types() {
        return TYPES;
    }
}
