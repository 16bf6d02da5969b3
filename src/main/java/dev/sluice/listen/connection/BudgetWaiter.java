package dev.sluice.listen.connection;

import static dev.sluice.listen.report.ConnectionFailure.guarded;

import dev.sluice.listen.budget.FramePace;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.budget.ReadAllowance;
import dev.sluice.listen.budget.ReadSource;
import dev.sluice.listen.report.ListenObserver.Wait;
import io.netty.channel.Channel;

/**
 * One connection's place in the lines for the budget, what it makes of a grant, and whether it keeps others waiting.
 */
final class BudgetWaiter implements MemoryBudget.Waiter {

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
            if (connection.waits() == Wait.BUDGET) {
                allowance.grant(bytes, isReserve);
                connection.granted();
            } else {
                budget.release(source(), bytes, isReserve);
                budget.leaveReserve(this);
            }
        }));
    }

    /** Leaves the reserve if nothing was read with it. */
    void leaveUnusedReserve() {
        if (allowance.hasReserve() && budget.isReserveUnused()) {
            leaveReserve();
        }
    }

    /** Polls whether others wait for what it holds, and it does not go on sending. */
    boolean isTooSlow(long nowNanos, boolean isAsked) {
        int held = allowance.heldBytes();
        if (held == 0 || !budget.isCrowded() || !(budget.isLarge(held) || allowance.hasReserve())) {
            pace.restart(nowNanos);
            return false;
        }
        boolean isTooSlow = pace.isTooSlow(nowNanos, held, isAsked, budget.moves());
        if (isTooSlow) {
            budget.slowFrames().closed(source().name(), held);
        }
        return isTooSlow;
    }
}
