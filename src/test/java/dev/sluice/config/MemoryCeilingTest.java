package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.event.RowGrowth;
import dev.sluice.listen.budget.MemoryBudget;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class MemoryCeilingTest {

    private static final long MEGABYTE = 1L << 20;
    private static final Map<String, String> TWO_LISTENERS = Map.of(
            "sluice.pipeline.memory", "10MB",
            "sluice.listeners.a.protocol", "json",
            "sluice.listeners.b.protocol", "syslog",
            "sluice.pipeline.workers", "3",
            "sluice.store.lanes", "5",
            "sluice.listeners.a.max-connections", "100",
            "sluice.listeners.a.max-frame", "1MB",
            "sluice.listeners.b.max-connections", "20",
            "sluice.listeners.b.max-frame", "2MB");

    private static final Map<String, String> LARGE_FORWARD = Map.of(
            "sluice.pipeline.workers", "2",
            "sluice.listeners.main.max-frame", "2MB",
            "sluice.forward.max-chunk", "5MB",
            "sluice.forward.max-inflated", "40MB");

    @Test
    void theHeapIsTheSumOfItsParts() {
        MemoryCeiling ceiling = new MemoryCeiling(1, 20, 7_000_000, 300, 4000, 50_000, 600_000);
        assertThat(ceiling.heap()).isEqualTo(7_054_321);
    }

    @Test
    void everyListenerCountsItsConnectionsAndTheLongestFrameIsTheReserve() {
        MemoryCeiling ceiling = ceiling(TWO_LISTENERS, 4, RowGrowth.NONE);
        long read = 64 * 1024;
        assertThat(ceiling.budget()).isEqualTo(10 * MEGABYTE);
        assertThat(ceiling.connections()).isEqualTo(120 * 2 * MemoryBudget.UNRESERVED_READ_BYTES);
        assertThat(ceiling.reserve()).isEqualTo(2 * MEGABYTE + read);
        assertThat(ceiling.scratch()).isEqualTo(4 * (read + 16 * 1024) + 3 * 8 * (2 * MEGABYTE + read) + 5 * 33 * read);
        assertThat(ceiling.direct()).isEqualTo(4 * read + 5 * 32 * read);
    }

    @Test
    void whatRulesAddToEachEventOfABatchFitsIntoTheShareOfRows() {
        Map<String, String> small = Map.of("sluice.pipeline.memory", "16MB");
        int most = (int) (12 * MEGABYTE / 2048);
        ceiling(small, 2, new RowGrowth(0, most));
        assertThatThrownBy(() -> ceiling(small, 2, new RowGrowth(0, most + 1)))
                .isInstanceOf(StartupException.class)
                .hasMessage("The rules may add " + (most + 1)
                        + " bytes to each event, but sluice.pipeline.memory 16 MB has room for " + most + ".");
    }

    @Test
    void aListenerThatTakesForwardCountsAChunkAndWhatItMayBecome() {
        Map<String, String> values = new HashMap<>(Map.of(
                "sluice.pipeline.memory", "8MB",
                "sluice.forward.max-chunk", "4MB",
                "sluice.forward.max-inflated", "20MB",
                "sluice.listeners.a.protocol", "json"));
        MemoryCeiling without = ceiling(values, 2, RowGrowth.NONE);
        values.put("sluice.listeners.a.protocol", "forward");
        MemoryCeiling with = ceiling(values, 2, RowGrowth.NONE);
        assertThat(without.budget()).isEqualTo(8 * MEGABYTE);
        assertThat(with.budget()).isEqualTo((2 + 4 + 20 + 13) * MEGABYTE + (104 + 3 * 256) * 1024);
        assertThat(with.reserve()).isEqualTo(5 * MEGABYTE + 64 * 1024);
    }

    @Test
    void theDefaultsFitIntoTheHeapOfADevelopmentRun() {
        MemoryCeiling ceiling = ceiling(Map.of("sluice.pipeline.workers", "2"), 2, RowGrowth.NONE);
        assertThatCode(() -> ceiling.requireFits(128 * MEGABYTE, 128 * MEGABYTE))
                .doesNotThrowAnyException();
    }

    @Test
    void aHeapThatIsTooSmallIsRefusedWithTheNumbers() {
        MemoryCeiling ceiling =
                new MemoryCeiling(64 * MEGABYTE, 10 * MEGABYTE, 0, MEGABYTE, 5 * MEGABYTE, 32 * MEGABYTE, 4 * MEGABYTE);
        ceiling.requireFits(112 * MEGABYTE, 4 * MEGABYTE);
        assertThatThrownBy(() -> ceiling.requireFits(111 * MEGABYTE, 4 * MEGABYTE))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("heap 112 MB (sluice.pipeline.memory 64 MB, connections 10 MB, reserve 1 MB,"
                        + " scratch 5 MB, application 32 MB), direct 4 MB")
                .hasMessageContaining("the JVM has heap 111 MB and direct 4 MB");
    }

    @Test
    void whereTlsIsWhatCostsItIsSaid() {
        Map<String, String> secured = Map.of(
                "sluice.listeners.main.tls.bundle", "shippers", "sluice.listeners.main.max-connections", "10000");
        assertThatThrownBy(() -> ceiling(secured, 2, RowGrowth.NONE).requireFits(128 * MEGABYTE, 128 * MEGABYTE))
                .hasMessageContaining("TLS of connections 312 MB")
                .extracting("action")
                .asString()
                .contains("lower sluice.listeners.*.max-connections: TLS is what costs, 32 KB for each of them.");
    }

    @Test
    void directMemoryThatIsTooSmallIsRefused() {
        MemoryCeiling ceiling = new MemoryCeiling(0, 0, 0, 0, 0, 0, 4 * MEGABYTE);
        assertThatThrownBy(() -> ceiling.requireFits(MEGABYTE, 3 * MEGABYTE))
                .hasMessageContaining("direct 3 MB")
                .extracting("action")
                .asString()
                .contains("-XX:MaxDirectMemorySize");
    }

    /** The chart has the same sums, and its own check that it says what stands in these files. */
    @Test
    void theChartRefusesAHeapBelowTheSameCeiling() {
        Map<String, String> defaults = Map.of("sluice.pipeline.workers", "2");
        assertRefusedByChart("heap-below-the-ceiling.yaml", ceiling(defaults, 2, RowGrowth.NONE));
        assertRefusedByChart("heap-below-a-larger-ceiling.yaml", ceiling(TWO_LISTENERS, 4, RowGrowth.NONE));
        assertRefusedByChart("heap-below-the-ceiling-of-rules.yaml", ceiling(LARGE_FORWARD, 2, new RowGrowth(16, 0)));
    }

    private static void assertRefusedByChart(String values, MemoryCeiling ceiling) {
        assertThat(Path.of("helm/golden/refused", values))
                .content()
                .contains("may take " + Math.ceilDiv(ceiling.heap(), MEGABYTE) + " MiB of heap");
    }

    private static MemoryCeiling ceiling(Map<String, String> values, int loops, RowGrowth growth) {
        SluiceProperties properties = properties(values);
        return MemoryCeiling.of(properties, ConnectionLimits.least(properties), loops, growth);
    }

    static SluiceProperties properties(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values)).bindOrCreate("sluice", SluiceProperties.class);
    }
}
