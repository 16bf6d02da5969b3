package dev.sluice.store;

import dev.sluice.store.database.HostAddress;
import dev.sluice.store.failure.WriteFailure;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a lane is, for metrics, health and the log. Changed by the lane's event loop alone, read by anybody. The log gets
 * the first failure of a row of them, each that is of another kind than the one before, then one line each
 * {@value #LOG_SECONDS} seconds, and the recovery.
 */
public final class LaneStatus {

    private static final Logger LOG = LoggerFactory.getLogger(LaneStatus.class);
    private static final int LOG_SECONDS = 30;
    private static final long LOG_NANOS = Duration.ofSeconds(LOG_SECONDS).toNanos();

    /** However often the kind of the failure changes. */
    private static final int LOG_LINES_MAX = 10;

    /** What a server that is up says for so long without a break does not pass by itself. */
    private static final Duration STUBBORN = Duration.ofMinutes(2);

    private static final Duration SUPPRESSED_LOG = Duration.ofHours(1);

    private final LongSupplier nanos;
    private volatile LaneState state = LaneState.IDLE;
    private volatile @Nullable String haltedBy;
    private volatile @Nullable Trouble trouble;
    private volatile Work work = new Work(false, 0);
    private volatile long askedAt;
    private boolean failing;
    private boolean said;
    private String loggedKind = "";
    private long loggedAt;
    private long linesSince;
    private int lines;
    private boolean suppressedBefore;
    private long suppressedAt;

    LaneStatus(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** What the lane is doing. */
    public LaneState state() {
        return state;
    }

    /**
     * Why only an operator can help; from the first such failure until something is stored again. Whatever else a
     * server that is up answers for minutes is one, too.
     */
    public Optional<String> haltedBy() {
        String halted = haltedBy;
        Trouble seen = trouble;
        if (halted == null && seen != null && nanos.getAsLong() - seen.since >= STUBBORN.toNanos()) {
            return Optional.of("nothing was stored for " + STUBBORN.toMinutes() + " minutes and more: " + seen.message);
        }
        return Optional.ofNullable(halted);
    }

    /**
     * Time spent with a batch in hand since the start, waits included, in nanoseconds: its growth is the utilisation.
     */
    public long busyNanos() {
        Work seen = work;
        return seen.busy ? nanos.getAsLong() + seen.nanos : seen.nanos;
    }

    /** A statement was sent and everything that follows is up to the server. */
    void asked() {
        long nanoTime = nanos.getAsLong();
        askedAt = nanoTime == 0 ? 1 : nanoTime;
    }

    void answered() {
        askedAt = 0;
    }

    /** How long the server has not answered, in nanoseconds; 0 when nothing was asked of it. */
    long silentNanos() {
        long at = askedAt;
        return at == 0 ? 0 : nanos.getAsLong() - at;
    }

    void became(LaneState next) {
        state = next;
    }

    void busy() {
        work = new Work(true, work.nanos - nanos.getAsLong());
    }

    void idle() {
        state = LaneState.IDLE;
        work = new Work(false, work.nanos + nanos.getAsLong());
    }

    void failed(WriteFailure failure, Duration wait, @Nullable HostAddress host) {
        answered();
        boolean halted = failure instanceof WriteFailure.Halt;
        state = halted ? LaneState.HALTED : LaneState.BACKING_OFF;
        if (halted) {
            haltedBy = failure.message();
        }
        long now = nanos.getAsLong();
        Trouble before = trouble;
        trouble =
                failure.cause().answered() ? new Trouble(before == null ? now : before.since, failure.message()) : null;
        if (isWorthALine(failure.label() + failure.cause().sqlState(), halted, now)) {
            said = true;
            (halted || failure instanceof WriteFailure.TakenId ? LOG.atError() : LOG.atWarn())
                    .addKeyValue("reason", failure.label())
                    .log(
                            "A batch could not be stored{} and is kept; next try in {} ms: {}",
                            host == null ? "" : " at " + host,
                            wait.toMillis(),
                            failure.message());
        }
        failing = true;
    }

    void stampedAnew(int rows) {
        if (rows > 0) {
            LOG.warn(
                    "A clock was wrong when {} rows were received, by more than a year: they are stored with the"
                            + " present as received_at",
                    rows);
        }
    }

    private boolean isWorthALine(String kind, boolean halted, long now) {
        if (now - linesSince > LOG_NANOS) {
            linesSince = now;
            lines = 0;
        }
        boolean repeated = failing && kind.equals(loggedKind) && now - loggedAt <= LOG_NANOS;
        if (repeated || (lines >= LOG_LINES_MAX && !halted)) {
            return false;
        }
        lines++;
        loggedKind = kind;
        loggedAt = now;
        return true;
    }

    void suppressed(Suppressed rows) {
        long now = nanos.getAsLong();
        if (suppressedBefore && now - suppressedAt < SUPPRESSED_LOG.toNanos()) {
            return;
        }
        suppressedBefore = true;
        suppressedAt = now;
        LOG.warn(
                "The database took {} rows of log_event and {} of dead_letter without an error and kept none of them:"
                        + " a trigger drops them. They are acknowledged; sluice_rows_suppressed_total counts them, and"
                        + " this is said again after {} minutes at the earliest",
                rows.events(),
                rows.deadLetters(),
                SUPPRESSED_LOG.toMinutes());
    }

    void succeeded() {
        if (said) {
            LOG.info("Batches are stored again");
        }
        said = false;
        failing = false;
        haltedBy = null;
        trouble = null;
    }

    /** What a server answers, and since when it answers nothing but failures. */
    private record Trouble(long since, String message) {}

    /** The nanoseconds of all batches so far; while one is in hand, less the time at which it began. */
    private record Work(boolean busy, long nanos) {}
}
