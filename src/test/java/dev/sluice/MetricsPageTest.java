package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.metrics.ClockSteps;
import dev.sluice.metrics.MeterDescriptions;
import dev.sluice.metrics.PipelineMetrics;
import dev.sluice.store.EventStore;
import dev.sluice.store.StoreSettings;
import dev.sluice.store.database.DatabaseHosts;
import dev.sluice.store.database.TableHome;
import dev.sluice.store.schema.FinishedDaySettings;
import dev.sluice.store.schema.IndexKeeper;
import dev.sluice.store.schema.PartitionKeeper;
import dev.sluice.store.schema.PartitionSettings;
import dev.sluice.tail.Tail;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.spi.ConnectionFactories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/**
 * Writes the table of docs/metrics.md from what the code registers, and fails when the page in the repository is
 * another or a meter has no meaning there. Run it with {@code -Ddocs.update=true} to replace the page.
 */
class MetricsPageTest {

    private static final Path PAGE = Path.of("docs/metrics.md");
    private static final Pattern TYPE = Pattern.compile("^# TYPE (sluice\\w+) (\\w+)$");
    private static final Pattern SAMPLE = Pattern.compile("^(sluice\\w+?)(?:_bucket|_count|_sum)?(?:\\{(.*)})? \\S+$");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");
    private static final Pattern HELP = Pattern.compile("^# HELP (sluice\\w+) +(.*)$");
    private static final String HEAD = """
            | meter | type | series | labels | meaning |
            |---|---|---|---|---|
            """;
    private static final String UNDESCRIBED = "?";

    /** Retries have a series from the first of their kind on. */
    private static final List<String> RETRY_REASONS =
            List.of("reconnect", "retry", "missing_partition", "halted", "taken_id", "unknown");

    @Test
    void pageIsWhatTheCodeRegisters() throws IOException {
        String page = page();
        if (Boolean.getBoolean("docs.update")) {
            Files.writeString(PAGE, page);
        }

        assertThat(Files.readString(PAGE)).isEqualTo(page);
        assertThat(page).as("every meter has a meaning").doesNotContain("| " + UNDESCRIBED + " |");
    }

    /** The text above the table is written by hand, the rest is what the code registers. */
    private static String page() throws IOException {
        String old = Files.readString(PAGE);
        return old.substring(0, old.indexOf(HEAD) + HEAD.length())
                + meters().entrySet().stream()
                        .map(meter -> meter.getValue().row(meter.getKey()))
                        .collect(Collectors.joining());
    }

    private static SortedMap<String, Meter> meters() {
        SortedMap<String, Meter> meters = new TreeMap<>();
        List<String> lines = scrape().lines().toList();
        lines.stream()
                .map(TYPE::matcher)
                .filter(Matcher::matches)
                .forEach(type -> meters.put(type.group(1), new Meter(type.group(2))));
        lines.stream()
                .map(HELP::matcher)
                .filter(Matcher::matches)
                .filter(help -> !help.group(2).isBlank())
                .forEach(help -> meters.get(help.group(1)).meaning = help.group(2));
        lines.stream().map(SAMPLE::matcher).filter(Matcher::matches).forEach(sample -> {
            Meter meter = meters.getOrDefault(sample.group(1), meters.get(sample.group(1) + "_total"));
            if (meter != null) {
                meter.add(sample.group(2));
            }
        });
        // The largest value of a histogram is a gauge beside it.
        meters.keySet().removeIf(name -> name.endsWith("_max"));
        return meters;
    }

    private static String scrape() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        registry.config().meterFilter(new MeterDescriptions());
        LoopResources loops = LoopResources.create("metrics", 1, true);
        try {
            PartitionKeeper keeper = new PartitionKeeper(
                    ConnectionFactories.get("r2dbc:postgresql://nobody@nowhere"),
                    new TableHome("public"),
                    PartitionSettings.DEFAULTS,
                    InstantSource.system());
            PipelineMetrics metrics = new PipelineMetrics(registry, List.of("main"));
            metrics.watch(new MemoryBudget(1));
            metrics.watch(keeper);
            metrics.watch(new IndexKeeper(
                    ConnectionFactories.get("r2dbc:postgresql://nobody@nowhere"),
                    new TableHome("public"),
                    new FinishedDaySettings(List.of(), Duration.ZERO, 1, Duration.ZERO, Duration.ZERO),
                    InstantSource.system()));
            metrics.watch(new Tail());
            new ClockSteps(registry, InstantSource.system(), System::nanoTime);
            metrics.limit("main", () -> 1);
            metrics.ruling(List.of("no-noise"));
            metrics.watchRules(() -> false);
            metrics.certificate("main", Instant::now);
            DatabaseHosts nowhere = new DatabaseHosts(
                    List.of(),
                    host -> PostgresqlConnectionConfiguration.builder(),
                    Duration.ofSeconds(1),
                    new TableHome("public"));
            metrics.watch(
                    1,
                    1,
                    new EventStore(nowhere, loops, StoreSettings.DEFAULT, metrics.storing(), days -> Mono.empty()));
            metrics.listening().left("10.0.0.1", 1);
            metrics.sourceBytes().refresh();
            RETRY_REASONS.forEach(metrics.storing()::retried);
            return registry.scrape();
        } finally {
            loops.disposeLater(Duration.ZERO, Duration.ZERO).subscribe();
            registry.close();
        }
    }

    /** A meter as the registry shows it. */
    private static final class Meter {
        private final String type;
        private final SortedMap<String, TreeSet<String>> labels = new TreeMap<>();
        private int series;
        private String meaning = UNDESCRIBED;

        Meter(String type) {
            this.type = type;
        }

        void add(@Nullable String found) {
            series++;
            if (found != null) {
                LABEL.matcher(found)
                        .results()
                        .filter(label -> !label.group(1).equals("le"))
                        .forEach(label -> labels.computeIfAbsent(label.group(1), name -> new TreeSet<>())
                                .add(label.group(2)));
            }
        }

        String row(String name) {
            String values = labels.entrySet().stream()
                    .map(label -> label.getKey() + ": " + String.join(", ", label.getValue()))
                    .collect(Collectors.joining("; "));
            return "| `" + name + "` | " + type + " | " + series + " | " + values + " | " + meaning + " |\n";
        }
    }
}
