package dev.sluice.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Ends a start with a property below {@code sluice} that does not exist: Spring passes over such a name, and the
 * default would stay in force unnoticed. Before anything is started for the service.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class UnknownProperties implements ApplicationContextInitializer<ConfigurableApplicationContext> {

    private static final String PREFIX = "sluice.";
    private static final String VARIABLE_PREFIX = "SLUICE_";

    /** What the build and the scripts of this repository call their own. */
    private static final Set<String> TOOLS =
            Set.of("sluice.jar", "SLUICE_TEST_DATABASE", "SLUICE_IMAGE", "SLUICE_CLUSTER");

    /**
     * Kubernetes sets variables in every pod for each Service of its namespace, and one may well be called sluice:
     * https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables.
     */
    private static final Pattern SERVICE_LINK =
            Pattern.compile("\\w+_(SERVICE_HOST|SERVICE_PORT(_\\w+)?|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

    private static final Pattern WORD = Pattern.compile("\\w+");

    private static final Pattern SERVICE_LINK_ADDRESS = Pattern.compile("(tcp|udp|sctp)://.*");

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        check(context.getEnvironment());
    }

    /** Names every unknown property at once. */
    static void check(ConfigurableEnvironment environment) {
        List<String> mistakes = new ArrayList<>();
        Set<String> listeners = new LinkedHashSet<>();
        Set<String> values = new HashSet<>();
        String rules = RulesFile.textOf(environment);
        values.add(rules);
        WORD.matcher(rules).results().forEach(word -> values.add(word.group()));
        List<EnumerablePropertySource<?>> sources = sources(environment).toList();
        for (EnumerablePropertySource<?> source : sources) {
            for (String name : source.getPropertyNames()) {
                values.add(String.valueOf(value(source, name)));
            }
        }
        for (EnumerablePropertySource<?> source : sources) {
            Stream.of(source.getPropertyNames())
                    .filter(name -> name.regionMatches(true, 0, PREFIX, 0, PREFIX.length()) && !isNamed(name, values))
                    .forEach(name -> checkProperty(source, name, listeners, mistakes));
        }
        sources.stream()
                .filter(UnknownProperties::isVariables)
                .forEach(source -> Stream.of(source.getPropertyNames())
                        .filter(name -> name.startsWith(VARIABLE_PREFIX) && !isNamed(name, values))
                        .forEach(name -> checkVariable(name, value(source, name), listeners, mistakes)));
        if (!mistakes.isEmpty()) {
            throw new StartupException(String.join("\n", mistakes), "docs/configuration.md has all properties.");
        }
    }

    /** A file of a configuration tree may not be readable; that is nothing to those who do not ask for it. */
    private static @Nullable Object value(EnumerablePropertySource<?> source, String name) {
        try {
            return source.getProperty(name);
        } catch (IllegalStateException unreadable) {
            return null;
        }
    }

    /** Whether a value asks for it: by a placeholder, or by its name, as the rules do for variables. */
    private static boolean isNamed(String name, Set<String> values) {
        return values.contains(name)
                || values.stream()
                        .anyMatch(value -> value.contains("${" + name + "}") || value.contains("${" + name + ":"));
    }

    /** Each origin once: Spring also has a source that shows all the others. */
    private static Stream<EnumerablePropertySource<?>> sources(ConfigurableEnvironment environment) {
        return environment.getPropertySources().stream()
                .filter(EnumerablePropertySource.class::isInstance)
                .map(source -> (EnumerablePropertySource<?>) source);
    }

    private static boolean isVariables(PropertySource<?> source) {
        return source instanceof SystemEnvironmentPropertySource;
    }

    private static void checkProperty(
            EnumerablePropertySource<?> source, String name, Set<String> listeners, List<String> mistakes) {
        String uniform = PropertyName.uniform(name);
        for (PropertyName known : PropertyName.ALL) {
            Matcher matcher = known.property().matcher(uniform);
            if (matcher.matches()) {
                if (known.property().namedGroups().containsKey("name")) {
                    String plain = matcher.group("name");
                    listeners.add(plain == null ? uniform.replaceAll("^[^\\[]*\\[|].*$", "") : plain);
                }
                return;
            }
        }
        Object value = value(source, name);
        boolean isEmpty = value instanceof Map<?, ?> map
                ? map.isEmpty()
                : String.valueOf(value).isBlank();
        boolean saysNothing = isEmpty && PropertyName.ALL.stream().anyMatch(known -> known.isBelow(uniform));
        if (!saysNothing && !TOOLS.contains(name)) {
            mistakes.add(name + where(source, name) + " is unknown; did you mean " + NearestName.property(name) + "?");
        }
    }

    private static void checkVariable(
            String name, @Nullable Object value, Set<String> listeners, List<String> mistakes) {
        boolean isKnown = PropertyName.ALL.stream().anyMatch(known -> {
            Matcher matcher = known.variable().matcher(name);
            return matcher.matches()
                    && (!known.variable().namedGroups().containsKey("name")
                            || isListener(matcher.group("name"), listeners));
        });
        if (!isKnown && !TOOLS.contains(name) && !isServiceLink(name, String.valueOf(value))) {
            mistakes.add("The variable " + name + " is unknown; did you mean " + NearestName.variable(name) + "?");
        }
    }

    /** A name with an underscore is one that another source has; Spring would take the first part for the name. */
    private static boolean isListener(String name, Set<String> listeners) {
        return name.indexOf('_') < 0 || listeners.contains(PropertyName.uniform(name));
    }

    private static boolean isServiceLink(String name, String value) {
        return SERVICE_LINK.matcher(name).matches()
                || (name.endsWith("_PORT")
                        && SERVICE_LINK_ADDRESS.matcher(value).matches());
    }

    private static String where(PropertySource<?> source, String name) {
        Origin origin = OriginLookup.getOrigin(source, name);
        return origin == null ? "" : " (" + origin + ")";
    }
}
