package dev.sluice.rule.field;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.LogEvent;
import dev.sluice.rule.settings.Settings;
import dev.sluice.text.Slice;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** A field of an event by the name that the configuration gives it. */
public interface Field {

    /** The text columns that rules read and write, by name. */
    Map<String, Function<LogEvent, Slice>> COLUMNS = columns();

    /** What an attribute's name begins with. */
    String ATTRIBUTES = "attributes.";

    /** The field of the event at hand; absent where it has none. Valid until the next call. */
    Slice of(LogEvent event, RuleContext context);

    /** The field called {@code name}, or a mistake noted under {@code key}. */
    static Optional<Field> named(String name, Settings settings, String key) {
        Function<LogEvent, Slice> column = COLUMNS.get(name);
        if (column != null) {
            return Optional.of((event, context) -> column.apply(event));
        }
        if (name.startsWith(ATTRIBUTES) && name.length() > ATTRIBUTES.length()) {
            return Optional.of(attribute(name.substring(ATTRIBUTES.length())));
        }
        return switch (name) {
            case "source" -> Optional.of(source());
            case "listener" -> Optional.of(listener());
            default -> {
                settings.error(
                        key,
                        "is \"" + name + "\", expected one of " + String.join(", ", COLUMNS.keySet())
                                + ", source, listener, attributes.NAME");
                yield Optional.empty();
            }
        };
    }

    static Field attribute(String name) {
        Slice called = new Slice();
        called.set(name.getBytes(UTF_8));
        Slice value = new Slice();
        return (event, context) -> {
            if (event.attributes().isEmpty()) {
                value.clear();
            } else {
                AttributeText.find(event, called, value);
            }
            return value;
        };
    }

    static Field source() {
        Slice value = new Slice();
        return (event, context) -> {
            value.set(context.origin().sourceBytes());
            return value;
        };
    }

    static Field listener() {
        Slice value = new Slice();
        return (event, context) -> {
            value.set(context.origin().listenerBytes());
            return value;
        };
    }

    private static Map<String, Function<LogEvent, Slice>> columns() {
        Map<String, Function<LogEvent, Slice>> columns = new LinkedHashMap<>();
        columns.put("message", LogEvent::message);
        columns.put("host", LogEvent::host);
        columns.put("app", LogEvent::app);
        columns.put("proc_id", LogEvent::procId);
        columns.put("msg_id", LogEvent::msgId);
        return columns;
    }
}
