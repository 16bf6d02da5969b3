package dev.sluice.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A property below {@code sluice}, as docs/configuration.md writes it, and the ways in which Spring takes it.
 *
 * @param text with NAME for what operators name themselves
 * @param property matches its {@linkplain #uniform uniform} name
 * @param variable matches the variables of the environment that set it
 */
record PropertyName(String text, Pattern property, Pattern variable) {

    /** All that there are; those without a record are read before there is one, or by {@link ProcessorSettings}. */
    static final List<PropertyName> ALL = Stream.of(
                    of("sluice", SluiceProperties.class),
                    Stream.of(
                            of("sluice.pipeline.processors", "([.\\[].*)?", "(_.*)?"),
                            of("sluice.dry-run", "", ""),
                            of("sluice.development.data-directory", "", "")))
            .flatMap(names -> names)
            .toList();

    private static final String NAME = "NAME";

    private static Stream<PropertyName> of(String prefix, Class<?> properties) {
        return Stream.of(properties.getRecordComponents()).flatMap(component -> of(prefix, component));
    }

    private static Stream<PropertyName> of(String prefix, RecordComponent component) {
        String name = prefix + "." + dashed(component.getName());
        Class<?> type = component.getType();
        if (type.isRecord()) {
            return of(name, type);
        }
        if (type == Map.class && component.getGenericType() instanceof ParameterizedType map) {
            Type value = map.getActualTypeArguments()[1];
            return value instanceof Class<?> record && record.isRecord()
                    ? of(name + "." + NAME, record)
                    : Stream.of(of(name, "([.\\[].+)?", "(_.+)?"));
        }
        return Stream.of(type == List.class ? of(name, "(\\[\\d+])?", "(_\\d+)?") : of(name, "", ""));
    }

    private static PropertyName of(String text, String propertyEnd, String variableEnd) {
        String property = uniform(text).replace(".", "\\.").replace("\\.name", "(?:\\.(?<name>[^.\\[]+)|\\[[^]]+])");
        String variable = text.replace("-", "_?")
                .replace(".", "_")
                .toUpperCase(Locale.ROOT)
                .replace(NAME, "(?<name>\\w+?)");
        return new PropertyName(
                text,
                Pattern.compile(property + propertyEnd),
                Pattern.compile(variable + variableEnd, Pattern.CASE_INSENSITIVE));
    }

    static String dashed(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    /** As Spring compares names: without dashes, underscores and capitals. */
    static String uniform(String name) {
        return name.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
    }

    /** The text with the name that the operator gave. */
    String named(String name) {
        return text.replace(NAME, name);
    }

    /** Whether it lies below {@code prefix}, which is uniform; an empty value there says nothing. */
    boolean isBelow(String prefix) {
        String[] given = prefix.split("\\.", -1);
        String[] known = uniform(text).split("\\.", -1);
        return given.length < known.length
                && IntStream.range(0, given.length)
                        .allMatch(i -> known[i].equals(given[i]) || known[i].equalsIgnoreCase(NAME));
    }
}
