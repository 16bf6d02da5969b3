package dev.sluice.listen.connection;

import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.listen.report.ListenObserver.Refusal;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The state of one connection while it is at its gates, and how it ended if it did not pass them. It knows no channel,
 * no clock and no timer. On the connection's event loop only.
 */
final class GateState {

    /** For all gates together, where none says otherwise. */
    static final Duration GATES_TIME_MAX = Duration.ofSeconds(10);

    /** How often a connection that is still at its gates is polled while Sluice drains. */
    static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** Polls, not time: a paused process must not take its own pause for the peer's silence. */
    static final int POLLS_MAX = 8;

    private final Runnable close;
    private Patience patience;
    private @Nullable Refusal timeoutRefusal = Refusal.ARRIVAL_TIMEOUT;
    private @Nullable Refusal refusal;
    private CloseReason why = CloseReason.SHIPPER;
    private boolean isDraining;
    private final Deadline poll = new Deadline();
    private int polls;

    /** Closed on purpose: what a gate makes of the close must not be counted as a refusal. */
    private boolean isDismissed;

    GateState(Runnable close, long nowNanos) {
        this.close = close;
        patience = new Patience(GATES_TIME_MAX, nowNanos);
    }

    /** From here on it may take so long; {@code late} is why it is refused then, or null if it is only closed. */
    void limit(Duration limit, @Nullable Refusal late, long nowNanos) {
        patience = new Patience(limit, nowNanos);
        timeoutRefusal = late;
    }

    /** Whether it is turned away, or closed on purpose. */
    boolean isOver() {
        return refusal != null || isDismissed;
    }

    /** Why it was turned away, if it was. */
    @Nullable
    Refusal refusal() {
        return refusal;
    }

    /** Why it was closed, if it was not turned away. */
    CloseReason why() {
        return why;
    }

    void refuse(Refusal reason) {
        if (!isOver()) {
            refusal = reason;
            close.run();
        }
    }

    void close(CloseReason reason) {
        why = isDismissed ? why : reason;
        close.run();
    }

    void dismiss(CloseReason reason) {
        why = isDismissed ? why : reason;
        isDismissed = true;
        close.run();
    }

    /** Sluice shuts down; one that is not through the gates may still go through. */
    void drain(long nowNanos) {
        isDraining = true;
        poll.set(POLL_NANOS, nowNanos);
    }

    boolean isDraining() {
        return isDraining;
    }

    /** How long until something is due. */
    long dueIn(long nowNanos) {
        return poll.dueIn(nowNanos);
    }

    /** Does what is due. */
    void due(long nowNanos) {
        if (poll.isDue(nowNanos)) {
            poll.set(POLL_NANOS, nowNanos);
            if (++polls >= POLLS_MAX) {
                dismiss(CloseReason.DRAIN);
            }
        }
    }

    /** Time has passed, as it does now and then; {@code hasBrought} is whether anything came meanwhile. */
    void tick(long nowNanos, boolean hasBrought) {
        if (patience.isOver(nowNanos, hasBrought)) {
            timedOut();
        }
    }

    private void timedOut() {
        Refusal late = timeoutRefusal;
        if (late == null) {
            dismiss(CloseReason.FIRST_BYTE_TIMEOUT);
        } else {
            refuse(late);
        }
    }
}
