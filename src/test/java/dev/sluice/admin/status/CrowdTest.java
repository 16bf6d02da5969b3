package dev.sluice.admin.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.listen.report.ConnectionView;
import dev.sluice.listen.report.ListenObserver.Wait;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CrowdTest {

    private static final long NOW = TimeUnit.HOURS.toNanos(1);

    private final Crowd crowd = new Crowd(NOW);

    @Test
    void connectionsOfASourceThatWaitForTheSameAreARow() {
        add("a", Wait.BUDGET, 5, 10);
        add("a", Wait.BUDGET, 9, 20);
        add("a", null, 30, 1000);
        add("a", null, 3, 1000);
        assertThat(crowd.rows())
                .isEqualTo(new Status.Connections(
                        4,
                        List.of(
                                new Status.ConnectionRow("a", "main", "syslog", 2, "budget", 9000, 30),
                                new Status.ConnectionRow("a", "main", "syslog", 2, null, 3000, 2000)),
                        0));
    }

    @Test
    void thoseWhoWaitComeFirstAndOfTheRestThoseWhoSentMost() {
        for (int i = 0; i < 60; i++) {
            add("source " + i, null, 1, i);
        }
        add("waits", Wait.RAIL, 1, 0);
        Status.Connections shown = crowd.rows();
        assertThat(shown.open()).isEqualTo(61);
        assertThat(shown.more()).isEqualTo(11);
        assertThat(shown.rows()).hasSize(Crowd.ROWS_MAX);
        assertThat(shown.rows().getFirst().source()).isEqualTo("waits");
        assertThat(shown.rows().get(1).source()).isEqualTo("source 59");
    }

    @Test
    void howeverManySourcesThereAreSoManyAreAddedUp() {
        for (int i = 0; i < 10 * Crowd.ROWS_KEPT; i++) {
            add("source " + i, null, 1, 1);
        }
        Status.Connections shown = crowd.rows();
        assertThat(shown.open()).isEqualTo(10 * Crowd.ROWS_KEPT);
        assertThat(shown.more()).isEqualTo(10 * Crowd.ROWS_KEPT - Crowd.ROWS_MAX);
    }

    private void add(String source, @Nullable Wait waits, long quietSeconds, long bytes) {
        crowd.add(new ConnectionView(
                Origin.of("main", source, Protocol.SYSLOG),
                waits,
                NOW - TimeUnit.SECONDS.toNanos(quietSeconds),
                bytes));
    }
}
