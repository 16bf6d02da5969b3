package dev.sluice.config;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MapPropertySource;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionEndEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Reads a list of rules as Spring Boot would read it in application.yml, but bounded: Boot's loader takes aliases of
 * aliases for as many values as they stand for.
 */
final class RulesYaml {

    private static final String ROOT = "sluice.pipeline.processors";
    private static final int VALUES_MAX = 10_000;
    private static final int DEPTH_MAX = 50;

    /** Of all names and values together, once aliases are followed. */
    private static final int CHARACTERS_MAX = 1 << 20;

    /** What a value takes beside its text. */
    private static final int VALUE_CHARACTERS = 50;

    private static final String ACTION = "Write a list, each rule beginning with \"- name: \".";

    private final Map<String, Object> values = new LinkedHashMap<>();
    private int characters;

    private RulesYaml() {}

    /**
     * The values by their names in application.yml.
     *
     * @throws StartupException when it is no list of rules
     */
    static EnumerablePropertySource<?> read(String text) {
        Object document = load(text);
        if (document == null) {
            throw new StartupException("it is empty, expected a list of rules, or [] for none", ACTION);
        }
        if (!(document instanceof List<?> list)) {
            throw new StartupException(
                    "it is no list of rules; " + ROOT + " does not stand in this file, only what stands below it",
                    ACTION);
        }
        RulesYaml flat = new RulesYaml();
        flat.list(ROOT, list);
        return new MapPropertySource("rules", flat.values);
    }

    private static @Nullable Object load(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        Yaml yaml = new Yaml(
                new SafeConstructor(options),
                new Representer(new DumperOptions()),
                new DumperOptions(),
                options,
                new NoTimestamps());
        try {
            count(yaml.parse(new StringReader(text)));
            return yaml.load(text);
        } catch (MarkedYAMLException e) {
            String where = e.getProblemMark() == null
                    ? ""
                    : "line " + (e.getProblemMark().getLine() + 1) + ", column "
                            + (e.getProblemMark().getColumn() + 1) + ": ";
            throw new StartupException("it is no YAML: " + where + e.getProblem(), ACTION, e);
        } catch (YAMLException e) {
            throw new StartupException("it is no YAML: " + e.getMessage(), ACTION, e);
        }
    }

    /** Before anything is kept of it. */
    private static void count(Iterable<Event> events) {
        int count = 0;
        int depth = 0;
        for (Event event : events) {
            depth += event instanceof CollectionStartEvent ? 1 : event instanceof CollectionEndEvent ? -1 : 0;
            if (depth > DEPTH_MAX) {
                throw new StartupException("it is nested too deeply", ACTION);
            }
            if (event instanceof NodeEvent && !(event instanceof AliasEvent) && ++count > VALUES_MAX) {
                throw tooLarge();
            }
        }
    }

    private static StartupException tooLarge() {
        return new StartupException(
                "it holds more than " + VALUES_MAX + " values, or some that are too long, aliases followed",
                "Write fewer rules.");
    }

    private void value(String name, @Nullable Object value) {
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            take(name.length());
            map.forEach((key, inner) -> value(name + key(key), inner));
        } else if (value instanceof List<?> list && !list.isEmpty()) {
            take(name.length());
            list(name, list);
        } else {
            String text = value == null || value instanceof Map || value instanceof Collection ? "" : value.toString();
            take(name.length() + text.length());
            values.put(name, text);
        }
    }

    private void list(String name, List<?> list) {
        List<?> items = new ArrayList<>(list);
        for (int i = 0; i < items.size(); i++) {
            value(name + "[" + i + "]", items.get(i));
        }
    }

    private void take(int more) {
        characters += more + VALUE_CHARACTERS;
        if (characters > CHARACTERS_MAX) {
            throw tooLarge();
        }
    }

    private static String key(@Nullable Object key) {
        if (key instanceof Map || key instanceof Collection) {
            throw new StartupException("a name in it is a list or has parts, expected a text", ACTION);
        }
        String text = String.valueOf(key);
        return !(key instanceof String) ? "[" + text + "]" : text.startsWith("[") ? text : "." + text;
    }

    /** A date stays the text that was written. */
    private static final class NoTimestamps extends Resolver {
        @Override
        public void addImplicitResolver(Tag tag, Pattern pattern, @Nullable String first, int limit) {
            if (!Tag.TIMESTAMP.equals(tag)) {
                super.addImplicitResolver(tag, pattern, first, limit);
            }
        }
    }
}
