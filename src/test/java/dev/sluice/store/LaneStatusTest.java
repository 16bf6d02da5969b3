package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.sluice.store.failure.WriteFailure;
import dev.sluice.testing.LogLines;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class LaneStatusTest {

    private static final WriteFailure GONE = new WriteFailure.Reconnect(WriteFailure.Cause.of("reset"));
    private static final WriteFailure FULL =
            new WriteFailure.Retry(new WriteFailure.Cause("too many connections [53300]", "53300", true));
    private static final WriteFailure READ_ONLY =
            new WriteFailure.Reconnect(new WriteFailure.Cause("read-only transaction [25006]", "25006", true));
    private static final WriteFailure HALT =
            new WriteFailure.Halt(new WriteFailure.Cause("no table [42P01]", "42P01", true));

    private final AtomicLong now = new AtomicLong(-5);
    private final LaneStatus status = new LaneStatus(now::get);

    @RegisterExtension
    final LogLines lines = new LogLines(LaneStatus.class);

    @Test
    void whatAServerAnswersForMinutesNeedsAnOperator() {
        fail(FULL, 119);
        assertThat(status.haltedBy()).isEmpty();
        fail(FULL, 2);
        assertThat(status.haltedBy())
                .hasValueSatisfying(reason -> assertThat(reason).contains("53300", "2 minutes"));
        status.succeeded();
        assertThat(status.haltedBy()).isEmpty();
        fail(FULL, 1);
        assertThat(status.haltedBy()).isEmpty();
    }

    @Test
    void aServerThatIsAwayNeedsNone() {
        fail(GONE, 600);
        assertThat(status.haltedBy()).isEmpty();
        fail(READ_ONLY, 100);
        fail(GONE, 100);
        fail(READ_ONLY, 100);
        assertThat(status.haltedBy()).as("it was away in between").isEmpty();
        fail(READ_ONLY, 120);
        assertThat(status.haltedBy().orElse("")).contains("25006");
    }

    @Test
    void whatOnlyAnOperatorCanRepairIsSaidAtOnce() {
        fail(HALT, 0);
        assertThat(status.haltedBy()).contains("no table [42P01]");
    }

    @Test
    void theLogNamesEachChangeOfTheFailureAtOnceAndAHaltAsAnError() {
        fail(GONE, 1);
        fail(GONE, 1);
        fail(HALT, 1);
        fail(HALT, 1);
        fail(READ_ONLY, 1);
        status.succeeded();
        assertThat(lines.list())
                .extracting(ILoggingEvent::getLevel)
                .containsExactly(Level.WARN, Level.ERROR, Level.WARN, Level.INFO);
        lines.clear();
        fail(READ_ONLY, 0);
        fail(READ_ONLY, 31);
        fail(READ_ONLY, 0);
        assertThat(lines.list()).as("the first, and one each 30 s").hasSize(2);
    }

    @Test
    void changesToAndFroDoNotFillTheLog() {
        for (int i = 0; i < 100; i++) {
            fail(GONE, 0);
            fail(FULL, 0);
            status.succeeded();
        }
        assertThat(lines.list())
                .as("failures, and recoveries from those that were said")
                .hasSize(10 + 5);
        fail(HALT, 0);
        assertThat(lines.list().getLast().getLevel()).as("said all the same").isEqualTo(Level.ERROR);
    }

    @Test
    void suppressedRowsAreSaidOnceAnHour() {
        for (int i = 0; i < 4; i++) {
            status.suppressed(new Suppressed(3, 0));
            now.addAndGet(Duration.ofMinutes(59).toNanos());
        }
        assertThat(lines.list()).hasSize(2);
    }

    /** It fails, after so many seconds. */
    private void fail(WriteFailure failure, long seconds) {
        if (status.state() == LaneState.IDLE) {
            status.failed(failure, Duration.ZERO, null);
        }
        now.addAndGet(Duration.ofSeconds(seconds).toNanos());
        status.failed(failure, Duration.ZERO, null);
    }
}
