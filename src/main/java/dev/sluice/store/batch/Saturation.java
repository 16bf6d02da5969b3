package dev.sluice.store.batch;

import java.util.function.LongSupplier;

/**
 * For how long no lane was free and nothing more could be gathered for one, because a full batch stands ready or what
 * the lanes write leaves no room: the sign that the database limits the throughput. That lanes are busy says nothing,
 * because a free lane takes whatever there is. Any thread.
 */
public final class Saturation {

    private final LongSupplier clock;
    private boolean isLaneFree = true;
    private boolean isFull;
    private boolean isHeldBack;
    private boolean on;

    /** The sum of the spells; less the begin of the one that lasts. */
    private long nanos;

    public Saturation() {
        this(System::nanoTime);
    }

    public Saturation(LongSupplier clock) {
        this.clock = clock;
    }

    /** Whether a lane waits for a batch, and whether a full one is gathered. */
    synchronized void gathered(boolean hasFreeLane, boolean isFullBatch) {
        isLaneFree = hasFreeLane;
        isFull = isFullBatch;
        look();
    }

    /** Whether more would come, and has no room until something is stored. */
    public synchronized void heldBack(boolean on) {
        isHeldBack = on;
        look();
    }

    /** Nanoseconds since the start, a spell that lasts included. */
    public synchronized long nanos() {
        return on ? nanos + clock.getAsLong() : nanos;
    }

    private void look() {
        boolean before = on;
        on = !isLaneFree && (isFull || isHeldBack);
        if (before != on) {
            nanos += on ? -clock.getAsLong() : clock.getAsLong();
        }
    }
}
