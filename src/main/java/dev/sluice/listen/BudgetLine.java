package dev.sluice.listen;

import static dev.sluice.listen.ConnectionFailure.guarded;

import dev.sluice.listen.ListenObserver.CloseReason;
import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;

/** One connection's place in the line for the budget, and what it makes of a grant. */
@SuppressWarnings("FutureReturnValueIgnored") // what a timer of the loop comes to is seen when it runs
final class BudgetLine implements MemoryBudget.Waiter {

    /** A granted read that brings nothing in this time gives its reservation back: others wait for it. */
    private static final long LEASH_MILLIS = 20;

    /** Whoever has the lifeboat must complete its frame in this time, and must not fall silent in between. */
    private static final int LIFEBOAT_SECONDS = 10;

    private static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** Whoever holds a part of a frame and sends nothing for so long gives it up when others wait. */
    private static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final ShipperConnection connection;
    private final Channel channel;
    private final MemoryBudget budget;
    private final ReadAllowance allowance;
    private final SocketReads socket;
    private int grants;

    BudgetLine(
            ShipperConnection connection,
            Channel channel,
            MemoryBudget budget,
            ReadAllowance allowance,
            SocketReads socket) {
        this.connection = connection;
        this.channel = channel;
        this.budget = budget;
        this.allowance = allowance;
        this.socket = socket;
    }

    void join() {
        budget.await(this);
    }

    void leave() {
        budget.forget(this);
    }

    boolean hasLifeboat() {
        return budget.hasLifeboat(this);
    }

    void leaveLifeboat() {
        budget.leaveLifeboat(this);
    }

    /** In the lifeboat: reads beyond the budget until the frame is complete. */
    void rowOn() {
        if (connection.isInsideFrame()) {
            channel.eventLoop()
                    .execute(guarded(channel, this::row)); // the read that is ending settles its account first
        } else {
            leaveLifeboat();
            connection.readOn();
        }
    }

    private void row() {
        if (connection.isArmed() && hasLifeboat()) {
            allowance.overdraw(ReadAllowance.READ_BYTES);
            connection.requestRead();
        }
    }

    @Override
    public void granted(int bytes) {
        channel.eventLoop().execute(guarded(channel, () -> {
            if (!connection.isAwaitingBudget()) {
                budget.release(bytes);
                leaveLifeboat();
                return;
            }
            connection.reading().unpause(Reading.ARMED);
            allowance.grant(bytes);
            grants++;
            connection.requestRead();
            long since = connection.reading().lastReadNanos();
            channel.eventLoop().schedule(guarded(channel, () -> leash(since)), LEASH_MILLIS, TimeUnit.MILLISECONDS);
        }));
    }

    /** A grant that nothing used would keep others waiting. */
    private void leash(long since) {
        if (connection.isArmed() && connection.reading().lastReadNanos() == since) {
            connection.readEnded();
            leaveLifeboat();
            if (connection.isStalledFor(STALLED_NANOS)) {
                connection.close(CloseReason.FRAME_TIMEOUT);
            } else if (allowance.isOverdrawn()) {
                socket.takeBack();
                connection.awaitBudget();
            }
        } else if (hasLifeboat()) {
            watchLifeboat(grants, LIFEBOAT_SECONDS);
        }
    }

    private void watchLifeboat(int grant, int secondsLeft) {
        channel.eventLoop()
                .schedule(guarded(channel, () -> lookAtLifeboat(grant, secondsLeft - 1)), 1, TimeUnit.SECONDS);
    }

    private void lookAtLifeboat(int grant, int secondsLeft) {
        if (grant != grants || !hasLifeboat()) {
            return;
        }
        if (secondsLeft == 0 || connection.isStalledFor(SILENT_NANOS)) {
            connection.close(CloseReason.FRAME_TIMEOUT);
        } else {
            watchLifeboat(grant, secondsLeft);
        }
    }
}
