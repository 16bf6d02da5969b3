package dev.sluice.listen.intake;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.Delivery;
import dev.sluice.event.RowGrowth;
import java.util.ArrayDeque;

/** Parcels that wait for the rail, and the one that is being gathered. Guarded by the lock of its {@link Intake}. */
final class ParcelLine {

    private final RowGrowth growth;
    private final ArrayPool arrays;
    private final ArrayDeque<GatheredParcel> full = new ArrayDeque<>();
    private GatheredParcel open;

    ParcelLine(RowGrowth growth, ArrayPool arrays) {
        this.growth = growth;
        this.arrays = arrays;
        open = new GatheredParcel(growth, arrays);
    }

    void add(FramedRead read, Delivery delivery, Intake.Sender from) {
        if (!open.fits(read)) {
            if (!open.isEmpty()) {
                full.add(open);
            }
            open = new GatheredParcel(growth, arrays);
        }
        open.add(read, delivery, from);
    }

    boolean isEmpty() {
        return full.isEmpty() && open.isEmpty();
    }

    boolean hasFull() {
        return !full.isEmpty();
    }

    /** The next to leave. */
    GatheredParcel first() {
        return full.isEmpty() ? open : full.element();
    }

    /** The first one leaves. */
    void remove() {
        if (full.isEmpty()) {
            open = new GatheredParcel(growth, arrays);
        } else {
            full.remove();
        }
    }
}
