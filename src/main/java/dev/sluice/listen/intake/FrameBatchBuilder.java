package dev.sluice.listen.intake;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.Delivery;
import dev.sluice.event.FrameBatch;
import dev.sluice.event.Origin;
import dev.sluice.event.RowGrowth;
import dev.sluice.event.RuleSet;
import dev.sluice.listen.budget.ReadSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** A frame batch while deliveries are added to it. Guarded by the lock of its {@link Intake}. */
final class FrameBatchBuilder {

    /** What a frame batch gathers; one delivery may be larger. */
    private static final int BYTES = 64 * 1024;

    private static final int FIRST_BYTES = 2 * 1024;

    /** A row has 74 bytes besides its fields, a little JSON around its attributes, and its source and listener. */
    private static final int ROW_BYTES_PER_EVENT = 160;

    private final Supplier<RuleSet> inForce;
    private final ArrayPool arrays;

    /** Those in force when its first delivery came: the reserve for its rows and its rows are by the same rules. */
    private RuleSet rules = RuleSet.NONE;

    private byte[] bytes = new byte[0];
    private int size;
    private int events;
    private int queuedBytes;
    private long rowBytesMax = ArrayPool.slack();
    private final List<Delivery> deliveries = new ArrayList<>();
    private final List<FrameBatch.Reject> rejects = new ArrayList<>();
    private final List<Intake.Sender> senders = new ArrayList<>();
    private final List<Integer> shares = new ArrayList<>();

    FrameBatchBuilder(Supplier<RuleSet> inForce, ArrayPool arrays) {
        this.inForce = inForce;
        this.arrays = arrays;
    }

    boolean isEmpty() {
        return deliveries.isEmpty();
    }

    boolean fits(FramedRead read) {
        return isEmpty()
                || (queuedBytes + read.weight() <= BYTES && events + read.events() <= FramedRead.BATCH_FRAMES_MAX);
    }

    /** Adds a delivery, or nothing at all: frames that belong to no delivery would be taken for those of the next. */
    void add(FramedRead read, Delivery delivery, Intake.Sender from) {
        if (isEmpty()) {
            rules = inForce.get();
        }
        reserve(read.size());
        int before = deliveries.size();
        int rejectsBefore = rejects.size();
        boolean added = false;
        try {
            list(read, delivery, from);
            added = true;
        } finally {
            if (!added) {
                cut(deliveries, before);
                cut(rejects, rejectsBefore);
                cut(senders, before);
                cut(shares, before);
            }
        }
        count(read, delivery.origin());
    }

    private void list(FramedRead read, Delivery delivery, Intake.Sender from) {
        deliveries.add(delivery);
        for (FramedRead.Refused refused : read.refused()) {
            rejects.add(new FrameBatch.Reject(delivery, refused.reason(), refused.payload(), refused.piece()));
        }
        senders.add(from);
        shares.add(read.weight());
    }

    private static void cut(List<?> list, int size) {
        if (list.size() > size) {
            list.subList(size, list.size()).clear();
        }
    }

    /** Allocates nothing, so that it cannot fail. */
    private void count(FramedRead read, Origin origin) {
        size = read.copyTo(bytes, size);
        events += read.events();
        queuedBytes += read.weight();
        RowGrowth growth = rules.growth();
        int names = origin.sourceBytes().length + origin.listenerBytes().length;
        rowBytesMax += Delivery.HEAP_BYTES
                + read.decodedBytesMax()
                + (long) growth.encodedPerByte() * read.plainBytes()
                + (long) (ROW_BYTES_PER_EVENT + names + growth.perEvent()) * read.events();
    }

    private void reserve(int more) {
        if (bytes.length - size < more) {
            int doubled = Math.min(Math.max(2 * bytes.length, FIRST_BYTES), BYTES);
            byte[] larger = arrays.take(Math.max(size + more, doubled));
            System.arraycopy(bytes, 0, larger, 0, size);
            arrays.give(bytes);
            bytes = larger;
        }
    }

    /** Who sent the last of it; it is not empty. */
    ReadSource lastSource() {
        return senders.getLast().source();
    }

    int queuedBytes() {
        return queuedBytes;
    }

    long rowBytesMax() {
        return rowBytesMax;
    }

    FrameBatch seal() {
        if (size <= bytes.length / 2) {
            byte[] large = bytes;
            bytes = Arrays.copyOf(large, size);
            arrays.give(large);
        }
        return new FrameBatch(bytes, deliveries, rejects, rowBytesMax, rules);
    }

    /** Takes what it has of each source from what waits of it; under the lock of the budget. */
    void unqueue() {
        for (int i = 0; i < senders.size(); i++) {
            senders.get(i).source().queue(-shares.get(i));
        }
    }

    /** Tells the senders that their bytes left the queue; called without the lock. */
    void taken() {
        for (int i = 0; i < senders.size(); i++) {
            senders.get(i).taken(shares.get(i));
        }
    }
}
