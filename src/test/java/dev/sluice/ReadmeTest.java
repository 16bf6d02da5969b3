package dev.sluice;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.listen.MemoryBudget;
import dev.sluice.metrics.ClockSteps;
import dev.sluice.metrics.PipelineMetrics;
import dev.sluice.store.DatabaseHosts;
import dev.sluice.store.EventStore;
import dev.sluice.store.PartitionKeeper;
import dev.sluice.store.PartitionSettings;
import dev.sluice.store.StoreSettings;
import dev.sluice.store.TableHome;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.spi.ConnectionFactories;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.json.JsonParserFactory;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/** Keeps the tables of README.md as complete as the code, and free of what the code does not have. */
class ReadmeTest {

    private static final String METADATA = "/META-INF/spring-configuration-metadata.json";
    private static final Pattern FIRST_CELL = Pattern.compile("^\\| `(sluice[^`{]*)");
    private static final Pattern SAMPLE = Pattern.compile("^# TYPE (sluice\\S+) ");

    @Test
    void configurationTableNamesEveryProperty() throws IOException {
        assertThat(firstCells("## Configuration")).containsExactlyInAnyOrderElementsOf(properties());
    }

    @Test
    void metricsTableNamesEveryMeter() throws IOException {
        assertThat(firstCells("## Metrics")).containsExactlyInAnyOrderElementsOf(meters());
    }

    private static Set<String> properties() throws IOException {
        try (InputStream metadata = ReadmeTest.class.getResourceAsStream(METADATA)) {
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

    /** Everything that is registered, also what only appears when it first happens. */
    private static Set<String> meters() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        LoopResources loops = LoopResources.create("readme", 1, true);
        try {
            PartitionKeeper keeper = new PartitionKeeper(
                    ConnectionFactories.get("r2dbc:postgresql://nobody@nowhere"),
                    new TableHome("public"),
                    PartitionSettings.DEFAULTS,
                    InstantSource.system());
            PipelineMetrics metrics = new PipelineMetrics(registry, List.of("main"));
            metrics.watch(new MemoryBudget(1));
            metrics.watch(keeper);
            new ClockSteps(registry, InstantSource.system(), System::nanoTime);
            metrics.limit("main", 1);
            metrics.certificate("main", Instant::now);
            EventStore store =
                    new EventStore(database(), loops, StoreSettings.DEFAULT, metrics.storing(), days -> Mono.empty());
            metrics.watch(1, 1, store);
            metrics.storing().retried("reconnect");
            metrics.ruling(List.of("a-rule"));
            return registry.scrape().lines().flatMap(ReadmeTest::meter).collect(Collectors.toCollection(TreeSet::new));
        } finally {
            loops.disposeLater(Duration.ZERO, Duration.ZERO).subscribe();
            registry.close();
        }
    }

    /** Nobody connects to it. */
    private static DatabaseHosts database() {
        return new DatabaseHosts(
                List.of(),
                host -> PostgresqlConnectionConfiguration.builder(),
                Duration.ofSeconds(1),
                new TableHome("public"));
    }

    /** The largest value of a timer or summary is a gauge beside it, which needs no row of its own. */
    private static Stream<String> meter(String line) {
        return SAMPLE.matcher(line).results().map(found -> found.group(1)).filter(name -> !name.endsWith("_max"));
    }

    /** The names in the first column of the tables of a section. */
    private static List<String> firstCells(String heading) throws IOException {
        return Files.readAllLines(Path.of("README.md")).stream()
                .dropWhile(line -> !line.equals(heading))
                .skip(1)
                .takeWhile(line -> !line.startsWith("## "))
                .flatMap(line -> FIRST_CELL.matcher(line).results().map(found -> found.group(1)))
                .toList();
    }
}
