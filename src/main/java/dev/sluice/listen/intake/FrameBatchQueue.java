package dev.sluice.listen.intake;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.Delivery;
import dev.sluice.event.RuleSet;
import java.util.ArrayDeque;
import java.util.function.Supplier;

/**
 * Frame batches that wait for the rail, and the one that is being gathered. Guarded by the lock of its {@link Intake}.
 */
final class FrameBatchQueue {

    private final Supplier<RuleSet> rules;
    private final ArrayPool arrays;
    private final ArrayDeque<FrameBatchBuilder> full = new ArrayDeque<>();
    private FrameBatchBuilder open;

    FrameBatchQueue(Supplier<RuleSet> rules, ArrayPool arrays) {
        this.rules = rules;
        this.arrays = arrays;
        open = new FrameBatchBuilder(rules, arrays);
    }

    void add(FramedRead read, Delivery delivery, Intake.Sender from) {
        if (!open.fits(read)) {
            if (!open.isEmpty()) {
                full.add(open);
            }
            open = new FrameBatchBuilder(rules, arrays);
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
    FrameBatchBuilder first() {
        return full.isEmpty() ? open : full.element();
    }

    /** The first one leaves. */
    void remove() {
        if (full.isEmpty()) {
            open = new FrameBatchBuilder(rules, arrays);
        } else {
            full.remove();
        }
    }
}
