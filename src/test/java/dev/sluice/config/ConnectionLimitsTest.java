package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.event.RowGrowth;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConnectionLimitsTest {

    private static final long MEGABYTE = 1L << 20;
    private static final int LOOPS = 2;
    private static final Map<String, String> PLAIN = Map.of("sluice.listeners.plain.port", "5140");
    private static final Map<String, String> SECURE =
            Map.of("sluice.listeners.secure.port", "6514", "sluice.listeners.secure.tls.bundle", "shippers");

    @Test
    void aListenerTakesAsManyAsTheHeapHasRoomFor() {
        assertThat(limits(PLAIN, 0).of("plain")).isEqualTo(100);
        assertThat(limits(PLAIN, MEGABYTE).of("plain")).isEqualTo(100 + 1024);
        assertThat(limits(SECURE, MEGABYTE).of("secure")).isEqualTo(100 + 1024 / 33);
        assertThat(limits(PLAIN, 100 * MEGABYTE).of("plain")).isEqualTo(10_000);
    }

    @Test
    void theCheapestTakeTheirsFirstSoThatTheRestIsForTls() {
        Map<String, String> both = together(PLAIN, SECURE);
        assertThat(limits(both, 2 * MEGABYTE).byListener())
                .containsExactlyInAnyOrderEntriesOf(Map.of("plain", 100 + 1024, "secure", 100 + 1024 / 33));
        long plentyForPlain = 9_900 * 1024;
        assertThat(limits(both, plentyForPlain + 2 * plentyForPlain).byListener())
                .containsExactlyInAnyOrderEntriesOf(Map.of("plain", 10_000, "secure", 100 + 2 * 9_900 / 33));
    }

    @Test
    void whatIsSetIsKeptAndTakesFromTheOthers() {
        Map<String, String> set = together(SECURE, PLAIN, Map.of("sluice.listeners.secure.max-connections", "20000"));
        ConnectionLimits limits = limits(set, MEGABYTE);
        assertThat(limits.byListener())
                .containsExactlyInAnyOrderEntriesOf(Map.of("plain", 100 + 1024, "secure", 20_000));
        assertThat(limits.sum()).isEqualTo(21_124);
        assertThat(limits).hasToString("plain 1124, secure 20000");
    }

    @Test
    void headersOfProxiesHaveToFitIntoTheDirectMemory() {
        SluiceProperties properties = MemoryCeilingTest.properties(
                together(PLAIN, Map.of("sluice.listeners.plain.proxy-protocol", "required")));
        MemoryCeiling least = least(properties);
        ConnectionLimits limits = ConnectionLimits.of(
                properties, LOOPS, RowGrowth.NONE, least.heap() + 100 * MEGABYTE, least.direct() + MEGABYTE);
        assertThat(limits.of("plain")).isEqualTo(100 + 512);
    }

    /** What is computed never passes the JVM's memory: the start is refused only for what is fixed. */
    @Test
    void whatIsComputedFits() {
        for (Map<String, String> values : List.of(PLAIN, SECURE, together(PLAIN, SECURE))) {
            SluiceProperties properties = MemoryCeilingTest.properties(values);
            long heap = least(properties).heap() + 12_345_678;
            ConnectionLimits limits = ConnectionLimits.of(properties, LOOPS, RowGrowth.NONE, heap, heap);
            MemoryCeiling.of(properties, limits, LOOPS, RowGrowth.NONE).requireFits(heap, heap);
        }
    }

    @Test
    void aHeapWithoutRoomForAHundredIsRefused() {
        SluiceProperties properties = MemoryCeilingTest.properties(SECURE);
        long heap = least(properties).heap() - 1;
        ConnectionLimits limits = ConnectionLimits.of(properties, LOOPS, RowGrowth.NONE, heap, heap);
        assertThat(limits.of("secure")).isEqualTo(100);
        MemoryCeiling ceiling = MemoryCeiling.of(properties, limits, LOOPS, RowGrowth.NONE);
        assertThatThrownBy(() -> ceiling.requireFits(heap, heap)).isInstanceOf(StartupException.class);
    }

    private static ConnectionLimits limits(Map<String, String> values, long heapLeft) {
        SluiceProperties properties = MemoryCeilingTest.properties(values);
        long heap = least(properties).heap() + heapLeft;
        return ConnectionLimits.of(properties, LOOPS, RowGrowth.NONE, heap, heap);
    }

    private static MemoryCeiling least(SluiceProperties properties) {
        return MemoryCeiling.of(properties, ConnectionLimits.least(properties), LOOPS, RowGrowth.NONE);
    }

    @SafeVarargs
    private static Map<String, String> together(Map<String, String>... values) {
        Map<String, String> all = new HashMap<>();
        for (Map<String, String> value : values) {
            all.putAll(value);
        }
        return all;
    }
}
