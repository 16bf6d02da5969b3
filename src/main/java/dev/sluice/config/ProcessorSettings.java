package dev.sluice.config;

import dev.sluice.rule.settings.SettingTree;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Reads {@code sluice.pipeline.processors} as it was written. Spring's binder is not asked, because it stops at the
 * first mistake, passes over names that it does not know, and changes the names of attributes. As with every list of
 * Spring Boot's, the first source that has any of it has all of it.
 */
final class ProcessorSettings {

    private static final String PROPERTY = "sluice.pipeline.processors";
    private static final String VARIABLE = "SLUICE_PIPELINE_PROCESSORS_";

    private ProcessorSettings() {}

    static SettingTree read(ConfigurableEnvironment environment) {
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (source instanceof EnumerablePropertySource<?> names) {
                SettingTree tree = read(names, environment);
                if (!tree.isEmpty()) {
                    return tree;
                }
            }
        }
        return new SettingTree(PROPERTY);
    }

    /** Reads what {@code source} has of it. */
    static SettingTree read(EnumerablePropertySource<?> source, ConfigurableEnvironment environment) {
        SettingTree tree = new SettingTree(PROPERTY);
        boolean variables = source instanceof SystemEnvironmentPropertySource;
        for (String name : source.getPropertyNames()) {
            List<String> path = variables ? ofVariable(name) : ofProperty(name);
            if (!path.isEmpty()) {
                SettingTree place = tree;
                for (String part : path) {
                    place = part.startsWith("[") ? place.place(part.substring(1, part.length() - 1)) : place.name(part);
                }
                place.value(environment.resolvePlaceholders(String.valueOf(source.getProperty(name))));
            }
        }
        return tree;
    }

    /** The parts of a name after the list's own, empty when it is another's; those in brackets keep them. */
    private static List<String> ofProperty(String name) {
        int end = PROPERTY.length();
        if (name.length() <= end
                || !name.regionMatches(true, 0, PROPERTY, 0, end)
                || (name.charAt(end) != '[' && name.charAt(end) != '.')) {
            return List.of();
        }
        return Arrays.stream(name.substring(end).split("\\.(?![^\\[]*])|(?=\\[)"))
                .filter(part -> !part.isEmpty())
                .toList();
    }

    private static List<String> ofVariable(String name) {
        if (!name.startsWith(VARIABLE)) {
            return List.of();
        }
        return Arrays.stream(name.substring(VARIABLE.length())
                        .toLowerCase(Locale.ROOT)
                        .split("_"))
                .map(part -> part.matches("\\d+") ? "[" + part + "]" : part)
                .toList();
    }
}
