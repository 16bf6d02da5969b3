package dev.sluice.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.listen.report.ConnectionView;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SourceBytesTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final SourceBytes sources = new SourceBytes(registry);
    private final List<ConnectionView> open = new ArrayList<>();

    SourceBytesTest() {
        sources.watch(open::forEach);
    }

    @Test
    void openConnectionsAndThoseThatAreGoneAreOneSum() {
        connect("a", 5);
        connect("a", 6);
        connect("b", 7);
        connect("silent", 0);
        sources.left("a", 100);
        sources.left("gone", 8);
        sources.left("never said anything", 0);
        assertThat(sources.top()).containsExactly(Map.entry("a", 111L), Map.entry("gone", 8L), Map.entry("b", 7L));
    }

    @Test
    void strangersTakeNoPlaceOfThoseThatSendMuch() {
        sources.left("much", 1_000_000);
        for (int i = 0; i < 100_000; i++) {
            sources.left("stranger " + i, 1000);
        }
        assertThat(sources.top()).hasSize(SourceBytes.SERIES_MAX).containsEntry("much", 1_000_000L);
    }

    @Test
    void whoIsPassedLosesItsSeries() {
        for (int i = 0; i < SourceBytes.SERIES_MAX; i++) {
            sources.left("source " + i, 100 + i);
        }
        sources.refresh();
        assertThat(series()).hasSize(SourceBytes.SERIES_MAX).contains("source 0=100");
        sources.left("new", 200);
        sources.refresh();
        assertThat(series()).hasSize(SourceBytes.SERIES_MAX).contains("new=200").doesNotContain("source 0=100");
    }

    /** A connection that has just closed may be seen as open still, or no more and not yet as gone. */
    @Test
    void aSeriesNeverFalls() {
        connect("a", 50);
        sources.refresh();
        open.clear();
        sources.left("a", 40);
        sources.refresh();
        assertThat(series()).containsExactly("a=50");
    }

    private void connect(String source, long bytes) {
        open.add(new ConnectionView(Origin.of("main", source, Protocol.SYSLOG), null, 0, bytes));
    }

    private List<String> series() {
        return registry.find("sluice.source.received.bytes").functionCounters().stream()
                .map(SourceBytesTest::text)
                .toList();
    }

    private static String text(FunctionCounter counter) {
        return counter.getId().getTag("source") + "=" + (long) counter.count();
    }
}
