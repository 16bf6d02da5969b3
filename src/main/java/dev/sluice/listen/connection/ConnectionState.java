package dev.sluice.listen.connection;

import dev.sluice.listen.budget.FramePace;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.listen.report.ListenObserver.Wait;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The state of one shipper's connection: takes events and the time, asks {@link ConnectionFacts} and decides on
 * {@link ConnectionEffects}. It knows no channel, no clock and no timer; {@link #dueIn} says when it wants to be told
 * that time has passed. The table of what it does is in docs/architecture.md.
 *
 * <p>A connection that Sluice wants to end is half-closed after its last reply, so that the shipper goes elsewhere, and
 * closed when nothing more comes.
 *
 * <p>On the connection's event loop; any thread may ask what it waits for and how much it has read.
 */
final class ConnectionState {

    /** A granted read that brings nothing in this time gives its reservation back: others wait for it. */
    static final long GRANT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final ConnectionFacts facts;
    private final ConnectionEffects effects;
    private final Lifetime lifetime;
    private final QuietPolls quiet = new QuietPolls();
    private final Deadline grant = new Deadline();
    private final Deadline dropping = new Deadline();
    private ConnectionPhase phase = ConnectionPhase.OPEN;
    private volatile @Nullable Wait wait;
    private CloseReason why = CloseReason.SHIPPER;

    /** Whether Sluice asked it to go. */
    private boolean isAskedToGo;

    private long lastReadNanos;
    private long bytes;
    private boolean isSilent = true;

    ConnectionState(ConnectionFacts facts, ConnectionEffects effects, Lifetime lifetime, long nowNanos) {
        this.facts = facts;
        this.effects = effects;
        this.lifetime = lifetime;
        lastReadNanos = nowNanos;
    }

    ConnectionPhase phase() {
        return phase;
    }

    /** What it waits for while its reads are stopped. Any thread. */
    @Nullable
    Wait waits() {
        return wait;
    }

    /** Whether a read is under way. */
    boolean isArmed() {
        return wait == null && phase.isReading();
    }

    /** Why it ended; while it has not, why it would if its socket broke now. */
    CloseReason why() {
        return why;
    }

    /** When it last read, or was allowed to. Any thread: it may be a read old. */
    long lastReadNanos() {
        return lastReadNanos;
    }

    /** What it has read. Any thread: it may be a read old. */
    long bytes() {
        return bytes;
    }

    /** {@code count} bytes came. */
    void read(int count, long nowNanos) {
        bytes += count;
        lastReadNanos = nowNanos;
        isSilent = false;
        grant.clear();
    }

    /** What came is framed: reads on, or waits for the first that says no. */
    void readOn() {
        if (!isArmed()) {
            return;
        }
        if (facts.isOnReserve()) {
            effects.read();
        } else if (facts.isAhead()) {
            pause(Wait.RAIL);
            if (!facts.isAhead()) {
                resume(lastReadNanos); // the rail took it between the two looks
            }
        } else if (facts.hasManyReplies()) {
            pause(Wait.REPLIES);
        } else if (facts.isAboveRate()) {
            pause(Wait.RATE);
            effects.joinRate();
        } else {
            readWithinBudget();
        }
    }

    private void readWithinBudget() {
        if (facts.isBudgetSpent()) {
            starved();
        } else {
            effects.read();
        }
    }

    private void pause(Wait what) {
        grant.clear();
        wait = what;
        effects.paused(what);
    }

    /** From {@code nowNanos} on it may be quiet. */
    private void endPause(long nowNanos) {
        lastReadNanos = nowNanos;
        grant.clear();
        if (wait != null) {
            wait = null;
            effects.resumed();
        }
    }

    private void resume(long nowNanos) {
        endPause(nowNanos);
        readOn();
    }

    /** There is something to stand in line for: a read could take but a byte, or would find no budget. */
    void starved() {
        if (isArmed()) {
            pause(Wait.BUDGET);
            effects.joinBudget();
        }
    }

    /** The budget grants what it waits for. */
    void granted(long nowNanos) {
        if (wait == Wait.BUDGET) {
            endPause(nowNanos);
            grant.set(GRANT_NANOS, nowNanos);
            effects.read();
        }
    }

    /** The rail took something of this connection. */
    void taken(long nowNanos) {
        if (wait == Wait.RAIL || wait == Wait.REPLIES) {
            resume(nowNanos);
        }
    }

    /** Replies left. */
    void replied(long nowNanos) {
        if (wait == Wait.REPLIES && !facts.hasManyReplies()) {
            resume(nowNanos);
        }
    }

    /** Its source's rate lets it; not asked again, or it would join the line anew as long as there is one. */
    void rateOpened(long nowNanos) {
        if (wait == Wait.RATE) {
            endPause(nowNanos);
            readWithinBudget();
        }
    }

    /** Sluice shuts down: what its shipper has sent is read as fast as it comes. */
    void drain(long nowNanos) {
        if (phase.isReading()) {
            effects.liftRate();
            rateOpened(nowNanos);
            askToGo(CloseReason.DRAIN, QuietPolls.DRAIN_QUIET_NANOS, nowNanos);
        }
    }

    private void askToGo(CloseReason reason, long quietNanos, long nowNanos) {
        isAskedToGo = true;
        why = reason;
        phase = phase == ConnectionPhase.OPEN ? ConnectionPhase.ENDING : phase;
        quiet.begin(quietNanos, nowNanos);
        effects.sayFarewell();
        effects.tellWhenAnswered(ConnectionEffects.Mark.HALF_CLOSE);
    }

    /** Nothing more comes, or nothing more of it can be understood: closes when everything is answered. */
    void ended(CloseReason reason, long nowNanos) {
        if (phase.isReading()) {
            because(reason);
            phase = ConnectionPhase.ANSWERING;
            endPause(nowNanos);
            effects.leaveLines();
            effects.tellWhenAnswered(ConnectionEffects.Mark.CLOSE);
        }
    }

    /** Everything before {@code mark} is answered and has left. */
    void answered(ConnectionEffects.Mark mark, long nowNanos) {
        switch (mark) {
            case HALF_CLOSE -> halfClose(nowNanos);
            case CLOSE -> close(why, nowNanos);
        }
    }

    private void halfClose(long nowNanos) {
        if (phase == ConnectionPhase.ENDING || phase == ConnectionPhase.ANSWERING) {
            phase = phase == ConnectionPhase.ENDING ? ConnectionPhase.HALF_CLOSED : phase;
            effects.shutdownOutput();
        }
        if (phase != ConnectionPhase.CLOSED
                && facts.isDropping()
                && !dropping.isSet()) { // it may begin when it is asked to go again
            dropping.set(QuietPolls.DROPPING_NANOS, nowNanos);
        }
    }

    /** Closes it at once. */
    void close(CloseReason reason, long nowNanos) {
        if (phase == ConnectionPhase.CLOSED) {
            why = reason == CloseReason.INTERNAL_ERROR ? reason : why; // nothing is made of what a bug left
            return;
        }
        because(reason);
        phase = ConnectionPhase.CLOSED;
        dropping.clear();
        try {
            endPause(nowNanos);
        } finally {
            effects.close(); // whatever a pause that ends does: nothing else would close it any more
        }
    }

    /** Why it ends, unless it was asked to go. */
    private void because(CloseReason reason) {
        why = isAskedToGo && reason != CloseReason.INTERNAL_ERROR ? why : reason;
    }

    /** Its channel is gone, whichever side closed it. */
    void gone(long nowNanos) {
        phase = ConnectionPhase.CLOSED;
        dropping.clear();
        endPause(nowNanos);
        effects.leaveLines();
    }

    /** How long until something is due. */
    long dueIn(long nowNanos) {
        long nanos = Math.min(grant.dueIn(nowNanos), dropping.dueIn(nowNanos));
        return phase.isLeaving() ? Math.min(nanos, quiet.dueIn(nowNanos)) : nanos;
    }

    /** Does what is due. */
    void due(long nowNanos) {
        if (grant.isDue(nowNanos)) {
            grant.clear();
            effects.giveGrantBack();
        }
        if (dropping.isDue(nowNanos)
                || (phase.isLeaving() && quiet.poll(nowNanos, isFree(), lastReadNanos, facts.isInsideFrame()))) {
            close(why, nowNanos);
        }
    }

    /** Time has passed. Not when a grant is over: each is free to send then, and would count as slow. */
    void tick(long nowNanos) {
        long stuckNanos = facts.stuckNanos(nowNanos);
        if (stuckNanos >= Replies.STUCK_NANOS || (stuckNanos >= Replies.STUCK_WANTED_NANOS && facts.isWanted())) {
            close(CloseReason.REPLY_TIMEOUT, nowNanos);
        } else if (phase == ConnectionPhase.OPEN) {
            live(nowNanos);
        }
        boolean isAsked = isArmed() || stuckNanos >= FramePace.POLL_NANOS;
        if (phase != ConnectionPhase.CLOSED && facts.isTooSlow(nowNanos, isAsked)) {
            close(CloseReason.FRAME_TIMEOUT, nowNanos);
        }
    }

    private void live(long nowNanos) {
        CloseReason over = lifetime.over(nowNanos, isSilent, isFree(), lastReadNanos);
        if (over == CloseReason.FIRST_BYTE_TIMEOUT) {
            close(over, nowNanos);
        } else if (over != null) {
            askToGo(over, QuietPolls.QUIET_NANOS, nowNanos);
        }
    }

    /** Whether it may send, and nothing is due to it. */
    private boolean isFree() {
        return isArmed() && facts.isAnswered();
    }
}
