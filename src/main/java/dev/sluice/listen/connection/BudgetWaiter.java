package dev.sluice.listen.connection;

import static dev.sluice.listen.report.ConnectionFailure.guarded;

import dev.sluice.listen.budget.FramePace;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.budget.ReadAllowance;
import dev.sluice.listen.budget.ReadSource;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;

/**
 * One connection's place in the lines for the budget, what it makes of a grant, and whether it keeps others waiting.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what a timer of the loop comes to is seen when it runs
final class BudgetWaiter implements MemoryBudget.Waiter {

    /** A granted read that brings nothing in this time gives its reservation back: others wait for it. */
    private static final long GRANT_MILLIS = 20;

    private final ShipperConnection connection;
    private final Channel channel;
    private final MemoryBudget budget;
    private final ReadAllowance allowance;
    private final FramePace pace = new FramePace();
    private volatile int heldBytes;
    private volatile long sinceNanos;

    BudgetWaiter(ShipperConnection connection, Channel channel, MemoryBudget budget, ReadAllowance allowance) {
        this.connection = connection;
        this.channel = channel;
        this.budget = budget;
        this.allowance = allowance;
    }

    @Override
    public ReadSource source() {
        return allowance.source();
    }

    @Override
    public int heldBytes() {
        return heldBytes;
    }

    @Override
    public long sinceNanos() {
        return sinceNanos;
    }

    void join() {
        heldBytes = allowance.heldBytes();
        sinceNanos = System.nanoTime();
        budget.await(this);
    }

    /** Leaves the line, or the reserve. */
    void leave() {
        allowance.leaveReserve();
        budget.forget(this);
    }

    /** Whether it has the reserve, and a frame to go on with. */
    boolean isOnReserve() {
        if (allowance.hasReserve() && !connection.isInsideFrame()) {
            leaveReserve();
        }
        return allowance.hasReserve();
    }

    void leaveReserve() {
        if (allowance.hasReserve()) {
            allowance.leaveReserve();
            budget.leaveReserve(this);
        }
    }

    /** {@code bytes} came. */
    void read(int bytes) {
        pace.read(bytes);
    }

    @Override
    public void granted(int bytes) {
        channel.eventLoop().execute(guarded(channel, () -> {
            boolean isReserve = budget.hasReserve(this);
            if (!connection.reading().is(ConnectionPhase.AWAITING_BUDGET)) {
                budget.release(source(), bytes, isReserve);
                budget.leaveReserve(this);
                return;
            }
            allowance.grant(bytes, isReserve);
            connection.reading().unpause(ConnectionPhase.ARMED);
            connection.requestRead();
            long since = connection.reading().lastReadNanos();
            channel.eventLoop().schedule(guarded(channel, () -> giveBack(since)), GRANT_MILLIS, TimeUnit.MILLISECONDS);
        }));
    }

    /** A grant that nothing used would keep others waiting. */
    private void giveBack(long since) {
        if (connection.isArmed() && connection.reading().lastReadNanos() == since) {
            connection.readEnded();
            if (allowance.hasReserve() && budget.isReserveUnused()) {
                leaveReserve();
            }
        }
    }

    /** Closes the connection if others wait for what it holds and it does not go on sending. */
    void onTick(long nowNanos, boolean isAsked) {
        int held = allowance.heldBytes();
        if (held == 0 || !budget.isCrowded() || !(budget.isLarge(held) || allowance.hasReserve())) {
            pace.restart(nowNanos);
        } else if (pace.isTooSlow(nowNanos, held, isAsked, budget.moves())) {
            budget.slowFrames().closed(source().name(), held);
            connection.close(CloseReason.FRAME_TIMEOUT);
        }
    }
}
