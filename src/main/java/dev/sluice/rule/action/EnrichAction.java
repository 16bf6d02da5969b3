package dev.sluice.rule.action;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.LogEvent;
import dev.sluice.rule.field.AttributeText;
import dev.sluice.rule.field.EventColumn;
import dev.sluice.rule.field.Field;
import dev.sluice.rule.field.RuleContext;
import dev.sluice.rule.search.PodName;
import dev.sluice.rule.settings.Settings;
import dev.sluice.text.Slice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Adds what the shipper did not say: fixed fields, fields of Sluice's own environment, and what the name of a pod says.
 * What an event has already, it keeps.
 */
final class EnrichAction implements Action {

    /** The most that a character of text takes in JSON. */
    private static final int ESCAPED_BYTES = 6;

    /** A field with the column that it fills, or none. */
    private record Addition(
            byte[] name, byte[] value, @Nullable EventColumn column) {}

    private final List<Addition> additions = new ArrayList<>();
    private final Optional<Field> pod;
    private final PodName name = new PodName();

    EnrichAction(Settings settings) {
        settings.map("fields").forEach((field, value) -> add(field, value, settings, "fields"));
        settings.map("environment").forEach((field, variable) -> {
            Optional<String> value =
                    Optional.ofNullable(settings.environment().variables().apply(variable));
            if (value.isPresent()) {
                add(field, value.get(), settings, "environment");
            } else {
                settings.error(
                        "environment",
                        "has " + field + ": " + variable + ", expected a variable of the environment that is set");
            }
        });
        Map<String, Field> pods = new LinkedHashMap<>();
        pods.put("source", Field.source());
        pods.put("host", (event, context) -> event.host());
        pod = settings.word("kubernetes", pods);
        if (!settings.has("fields") && !settings.has("environment") && !settings.has("kubernetes")) {
            settings.error("adds nothing, expected fields, environment or kubernetes");
        }
    }

    private void add(String field, String value, Settings settings, String key) {
        EventColumn column = EventColumn.all().get(field);
        if (column == EventColumn.MESSAGE || column == EventColumn.SEVERITY || column == EventColumn.EVENT_AT) {
            settings.error(key, "has " + field + ", expected an attribute or one of host, app, proc_id, msg_id");
        }
        if (value.indexOf('\0') >= 0) {
            settings.error(key, "has " + field + " with NUL in it, expected text");
        }
        additions.add(new Addition(field.getBytes(UTF_8), value.getBytes(UTF_8), column));
    }

    @Override
    public boolean apply(LogEvent event, RuleContext context) {
        for (int i = 0; i < additions.size(); i++) {
            add(additions.get(i), event);
        }
        if (pod.isPresent()) {
            kubernetes(pod.get().of(event, context), event, context);
        }
        return true;
    }

    private static void add(Addition addition, LogEvent event) {
        Slice column = addition.column == null ? null : addition.column.slice(event);
        if (column != null && column.length() == 0) {
            column.set(addition.value);
        } else if (column == null && !AttributeText.has(event, addition.name)) {
            event.attributes().key(addition.name).string(addition.value, 0, addition.value.length);
        }
    }

    private void kubernetes(Slice from, LogEvent event, RuleContext context) {
        if (name.read(from) && !AttributeText.has(event, PodName.ATTRIBUTE) && context.take(name.bytesMax())) {
            name.write(event.attributes());
        }
    }

    @Override
    public int bytesAdded() {
        return additions.stream()
                .mapToInt(addition -> ESCAPED_BYTES * (addition.name.length + addition.value.length) + 6)
                .sum();
    }

    @Override
    public boolean isGrowing() {
        return pod.isPresent();
    }
}
