package dev.sluice.listen.connection;

import dev.sluice.listen.admission.Limits;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.listen.report.ListenObserver.Wait;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A {@link ConnectionState} in a world that says what the test wants, and writes down what it decides. */
final class ScriptedConnection implements ConnectionFacts, ConnectionEffects {

    static final long SECOND = Duration.ofSeconds(1).toNanos();
    static final Limits.Times TIMES =
            new Limits.Times(Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofSeconds(1000));

    /** What it decided since, in order. */
    final List<String> done = new ArrayList<>();

    final ConnectionState state;
    long now = 1000 * SECOND;
    /** What the end of a pause fails with. */
    @Nullable
    RuntimeException failure;

    boolean isOnReserve;
    boolean isAhead;

    /** How often it says so; then the rail has taken it. */
    int aheadTimes = Integer.MAX_VALUE;

    boolean hasManyReplies;
    boolean isAboveRate;
    boolean isBudgetSpent;
    boolean isAnswered = true;
    boolean isInsideFrame;
    boolean isDropping;
    boolean isWanted;
    boolean isTooSlow;
    long stuckNanos;

    ScriptedConnection() {
        this(TIMES);
    }

    ScriptedConnection(Limits.Times times) {
        state = new ConnectionState(this, this, new Lifetime(times, now, 1), now);
    }

    /** One that has read something and is where {@code phase} says. */
    static ScriptedConnection in(ConnectionPhase phase) {
        ScriptedConnection it = new ScriptedConnection();
        it.comes();
        switch (phase) {
            case OPEN -> {
                // it is
            }
            case ENDING -> it.grow(1000);
            case HALF_CLOSED -> {
                it.grow(1000);
                it.state.answered(Mark.HALF_CLOSE, it.now);
            }
            case ANSWERING -> it.state.ended(CloseReason.SHIPPER, it.now);
            case CLOSED -> it.state.close(CloseReason.ERROR, it.now);
        }
        it.done.clear();
        return it;
    }

    /** Bytes come. */
    void comes() {
        state.read(100, now);
    }

    /** It waits for this alone. */
    void awaits(Wait what) {
        says(what, true);
        state.readOn();
        says(what, false);
        done.clear();
    }

    /** What stands in the way of the next read. */
    void says(Wait what, boolean isSo) {
        switch (what) {
            case RAIL -> isAhead = isSo;
            case REPLIES -> hasManyReplies = isSo;
            case RATE -> isAboveRate = isSo;
            case BUDGET -> isBudgetSpent = isSo;
        }
    }

    /** Time passes, with nothing else. */
    void grow(double seconds) {
        now += (long) (seconds * SECOND);
        state.due(now);
        state.tick(now);
    }

    /** The quiet polls of this time, one by one. */
    void poll(double seconds, int polls) {
        for (int i = 0; i < polls; i++) {
            grow(seconds);
        }
    }

    @Override
    public boolean isOnReserve() {
        return isOnReserve;
    }

    @Override
    public boolean isAhead() {
        return isAhead && aheadTimes-- > 0;
    }

    @Override
    public boolean hasManyReplies() {
        return hasManyReplies;
    }

    @Override
    public boolean isAboveRate() {
        return isAboveRate;
    }

    @Override
    public boolean isBudgetSpent() {
        return isBudgetSpent;
    }

    @Override
    public boolean isAnswered() {
        return isAnswered;
    }

    @Override
    public boolean isInsideFrame() {
        return isInsideFrame;
    }

    @Override
    public boolean isDropping() {
        return isDropping;
    }

    @Override
    public long stuckNanos(long nowNanos) {
        return stuckNanos;
    }

    @Override
    public boolean isWanted() {
        return isWanted;
    }

    @Override
    public boolean isTooSlow(long nowNanos, boolean isAsked) {
        return isTooSlow && isAsked;
    }

    @Override
    public void read() {
        done.add("read");
    }

    @Override
    public void paused(Wait why) {
        done.add("wait for " + why.name().toLowerCase(Locale.ROOT));
    }

    @Override
    public void resumed() {
        done.add("wait no more");
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public void joinBudget() {
        done.add("stand in line");
    }

    @Override
    public void joinRate() {
        done.add("stand in line");
    }

    @Override
    public void leaveLines() {
        done.add("leave the lines");
    }

    @Override
    public void liftRate() {
        done.add("lift the rate");
    }

    @Override
    public void giveGrantBack() {
        done.add("give the grant back");
    }

    @Override
    public void sayFarewell() {
        done.add("farewell");
    }

    @Override
    public void tellWhenAnswered(Mark mark) {
        done.add(mark == Mark.CLOSE ? "mark the end" : "mark the half-close");
    }

    @Override
    public void shutdownOutput() {
        done.add("shut the output");
    }

    @Override
    public void close() {
        done.add("close");
    }
}
