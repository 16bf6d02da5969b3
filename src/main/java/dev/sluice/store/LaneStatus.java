package dev.sluice.store;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a lane is, for metrics, health and the log. Changed by the lane's event loop alone, read by anybody. The log gets
 * the first failure of a row of them, then one line each {@value #LOG_SECONDS} seconds, and the recovery.
 */
public final class LaneStatus {

    private static final Logger LOG = LoggerFactory.getLogger(LaneStatus.class);
    private static final int LOG_SECONDS = 30;
    private static final long LOG_NANOS = Duration.ofSeconds(LOG_SECONDS).toNanos();

    private volatile LaneState state = LaneState.IDLE;
    private volatile @Nullable String haltedBy;
    private volatile Work work = new Work(false, 0);
    private volatile long askedAt;
    private boolean failing;
    private long loggedAt;

    LaneStatus() {}

    /** What the lane is doing. */
    public LaneState state() {
        return state;
    }

    /** Why only an operator can help; from the first such failure until something is stored again. */
    public Optional<String> haltedBy() {
        return Optional.ofNullable(haltedBy);
    }

    /**
     * Time spent with a batch in hand since the start, waits included, in nanoseconds: its growth is the utilisation.
     */
    public long busyNanos() {
        Work seen = work;
        return seen.busy ? System.nanoTime() + seen.nanos : seen.nanos;
    }

    /** A statement was sent and everything that follows is up to the server. */
    void asked(long nanoTime) {
        askedAt = nanoTime == 0 ? 1 : nanoTime;
    }

    void answered() {
        askedAt = 0;
    }

    /** How long the server has not answered, in nanoseconds; 0 when nothing was asked of it. */
    long silentNanos() {
        long at = askedAt;
        return at == 0 ? 0 : System.nanoTime() - at;
    }

    void became(LaneState next) {
        state = next;
    }

    void busy() {
        work = new Work(true, work.nanos - System.nanoTime());
    }

    void idle() {
        state = LaneState.IDLE;
        work = new Work(false, work.nanos + System.nanoTime());
    }

    void failed(WriteFailure failure, Duration wait, @Nullable HostAddress host) {
        answered();
        boolean halted = failure instanceof WriteFailure.Halt;
        state = halted ? LaneState.HALTED : LaneState.BACKING_OFF;
        if (halted) {
            haltedBy = failure.message();
        }
        long now = System.nanoTime();
        if (!failing || now - loggedAt > LOG_NANOS) {
            loggedAt = now;
            LOG.atWarn()
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

    void succeeded() {
        if (failing) {
            LOG.info("Batches are stored again");
        }
        failing = false;
        haltedBy = null;
    }

    /** The nanoseconds of all batches so far; while one is in hand, less the time at which it began. */
    private record Work(boolean busy, long nanos) {}
}
