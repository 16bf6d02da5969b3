package dev.sluice.simulation;

import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.store.EventStore;
import dev.sluice.store.LaneState;
import java.time.Duration;

/** Nothing that was read waits for long while a lane is free and there is room for its rows. */
final class RailWatch {

    private static final Duration LONG = Duration.ofMillis(100);

    private final VirtualTime time;
    private final MemoryBudget budget;
    private final EventStore store;
    private long moves = -1;
    private long since;

    RailWatch(VirtualTime time, MemoryBudget budget, EventStore store) {
        this.time = time;
        this.budget = budget;
        this.store = store;
    }

    void look() {
        long seen = budget.moves();
        if (seen == -1 || seen != moves || !isLaneFree() || !isRoomForRows()) {
            moves = seen;
            since = time.nanos();
        } else if (time.nanos() - since > LONG.toNanos()) {
            throw new SimulationFailure("a lane is free, and what was read waits for it");
        }
    }

    private boolean isLaneFree() {
        return store.lanes().stream().anyMatch(lane -> lane.state() == LaneState.IDLE);
    }

    private boolean isRoomForRows() {
        long half = budget.rowLimit() / 2;
        boolean isRoom = budget.reserveRows(half);
        if (isRoom) {
            budget.releaseRows(half);
        }
        return isRoom;
    }
}
