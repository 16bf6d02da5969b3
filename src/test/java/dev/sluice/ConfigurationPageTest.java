package dev.sluice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.config.AdminProperties;
import dev.sluice.config.ListenerProperties;
import dev.sluice.config.SluiceProperties;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.json.JsonParserFactory;

/** Keeps the table of docs/configuration.md as complete as the code, and free of what the code does not have. */
class ConfigurationPageTest {

    private static final String METADATA = "/META-INF/spring-configuration-metadata.json";
    private static final Path PAGE = Path.of("docs/configuration.md");
    private static final Path CHART = Path.of("helm/sluice/files/properties.txt");
    private static final Pattern DEFAULT_CELL = Pattern.compile("(?m)^\\| `(sluice[^`]*)` \\| `([^`]*)` \\|");
    private static final Pattern FIRST_CELL = Pattern.compile("(?m)^\\| `(sluice[^`{]*)");

    @Test
    void tableNamesEveryProperty() throws IOException {
        assertThat(FIRST_CELL.matcher(Files.readString(PAGE)).results().map(cell -> cell.group(1)))
                .containsExactlyInAnyOrderElementsOf(properties());
    }

    @Test
    void tableHasTheDefaultsOfTheCode() throws IOException {
        Map<String, String> defaults = new TreeMap<>();
        collectDefaults("sluice.", SluiceProperties.class, defaults);
        collectDefaults("sluice.listeners.NAME.", ListenerProperties.class, defaults);
        collectDefaults("sluice.admin.users.NAME.", AdminProperties.User.class, defaults);
        Map<String, String> documented = new TreeMap<>();
        DEFAULT_CELL
                .matcher(Files.readString(PAGE))
                .results()
                .filter(row -> defaults.containsKey(row.group(1)))
                .forEach(row -> documented.put(row.group(1), row.group(2)));
        assertThat(documented).isEqualTo(defaults);
    }

    /** The chart refuses other names; run it with {@code -Ddocs.update=true} to replace its list. */
    @Test
    void chartHasEveryProperty() throws IOException {
        Set<String> names = new TreeSet<>(properties());
        names.remove("sluice.listeners.NAME.forward.users");
        names.add("sluice.listeners.NAME.forward.users.*");
        String list = String.join("\n", names) + "\n";
        if (Boolean.getBoolean("docs.update")) {
            Files.writeString(CHART, list);
        }
        assertThat(Files.readString(CHART)).isEqualTo(list);
    }

    /** Those that are written in one word; lists and maps begin empty. */
    private static void collectDefaults(String prefix, Class<?> properties, Map<String, String> defaults) {
        RecordComponent[] components = properties.getRecordComponents();
        Parameter[] parameters = properties.getDeclaredConstructors()[0].getParameters();
        for (int i = 0; i < components.length; i++) {
            String name = prefix + dashed(components[i].getName());
            String[] value = parameters[i].getAnnotation(DefaultValue.class).value();
            if (components[i].getType().isRecord()) {
                collectDefaults(name + ".", components[i].getType(), defaults);
            } else if (value.length == 1 && !value[0].isEmpty()) {
                defaults.put(name, value[0]);
            }
        }
    }

    /** Every property below {@code sluice}; that of a listener is called NAME. */
    static Set<String> properties() throws IOException {
        try (InputStream metadata = ConfigurationPageTest.class.getResourceAsStream(METADATA)) {
            assertThat(metadata).as(METADATA).isNotNull();
            String json = new String(metadata.readAllBytes(), UTF_8);
            Object list = JsonParserFactory.getJsonParser().parseMap(json).get("properties");
            Set<String> names = ((List<?>) list)
                    .stream()
                            .map(property -> (String) ((Map<?, ?>) property).get("name"))
                            .filter(name -> name.startsWith("sluice."))
                            .collect(Collectors.toCollection(TreeSet::new));
            // A map's values are not in the metadata.
            names.remove("sluice.listeners");
            names.addAll(names("sluice.listeners.NAME.", ListenerProperties.class));
            names.remove("sluice.admin.users");
            names.addAll(names("sluice.admin.users.NAME.", AdminProperties.User.class));
            return names;
        }
    }

    private static Set<String> names(String prefix, Class<?> properties) {
        return Arrays.stream(properties.getRecordComponents())
                .flatMap(component -> component.getType().isRecord()
                        ? names(prefix + dashed(component.getName()) + ".", component.getType()).stream()
                        : Stream.of(prefix + dashed(component.getName())))
                .collect(Collectors.toSet());
    }

    private static String dashed(String name) {
        return ConfigurationPropertyName.adapt(name.replaceAll("([A-Z])", "-$1"), '.')
                .toString();
    }
}
