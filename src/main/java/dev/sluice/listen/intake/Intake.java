package dev.sluice.listen.intake;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.Delivery;
import dev.sluice.event.FrameBatch;
import dev.sluice.event.Rows;
import dev.sluice.event.RuleSet;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.budget.ReadSource;
import dev.sluice.listen.report.ConnectionFailure;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * Where the event loops leave what they read and the rail takes it: gathers deliveries of all connections into frame
 * batches. A frame batch leaves when the rail asks for one and it is full, or when a lane stands idle
 * ({@link #hungry}), however small it is then. So there is no timer, hand-offs are few when it is busy, and nothing
 * waits when it is quiet. A lane that was given a frame batch for which a worker may need long is hungry until rows
 * come: an idle worker takes the next.
 *
 * <p>Frame batches stand in two lines that take turns, so that what many connections of one source have sent does not
 * keep others waiting: one of sources of which little waits here, and one of the others. Of these none waits in front
 * of a worker that is busy, where it would stand in the way of one that comes later.
 *
 * <p>What it holds is bounded by the read share of the {@link MemoryBudget}. Written to by event loops, drained by
 * whichever thread brings demand.
 */
public final class Intake extends Flux<FrameBatch> implements Subscription {

    /**
     * A frame batch that cannot become more is soon encoded: what comes meanwhile is better gathered than handed on.
     */
    private static final long QUICK_BYTES_MAX = 2 << 20;

    private final MemoryBudget budget;
    private final ArrayPool arrays;
    private final Object lock = new Object();

    /** Of sources of which at most {@link ReadSource#LITTLE_BYTES} wait here. */
    private final FrameBatchQueue little;

    private final FrameBatchQueue much;
    private boolean isTurnOfMuch;
    private final LinesInUse linesInUse = new LinesInUse();
    private long requested;

    private int workers = 1;

    /** Since a lane asked, nothing has left that is soon encoded, and no worker has encoded anything. */
    private boolean hungry;

    /** Since a lane asked, a frame batch has left. */
    private boolean fed;

    private boolean completed;
    private @Nullable CoreSubscriber<? super FrameBatch> subscriber;
    private final AtomicInteger drains = new AtomicInteger();

    /** Frame batches that the rail took and has not encoded. */
    private int encoding;

    /** As the drain saw last; only one runs at a time. */
    private boolean refused;

    private boolean heldBack;
    private boolean shared;
    private Flag onHeldBack = on -> {};
    private Flag onShared = on -> {};

    /** Who adds deliveries: one connection. */
    public interface Sender {
        /** Whose turn they take. */
        ReadSource source();

        /** The rail took {@code bytes} of them. Any thread. */
        void taken(int bytes);
    }

    /** Told when something begins or ends to be so. */
    @FunctionalInterface
    public interface Flag {
        void changed(boolean on);
    }

    /**
     * An intake that shares {@code budget} with its connections.
     *
     * @param rules those in force, asked once for each frame batch
     * @param arrays where the bytes of frame batches are gathered
     */
    public Intake(MemoryBudget budget, Supplier<RuleSet> rules, ArrayPool arrays) {
        this.budget = budget;
        this.arrays = arrays;
        little = new FrameBatchQueue(rules, arrays);
        much = new FrameBatchQueue(rules, arrays);
    }

    /**
     * Has others told; before anything is added.
     *
     * @param onHeldBack the rail asks for a frame batch, there is one, and rows that are encoded leave it no room
     * @param onShared sources of which little waits send beside others of which much does
     */
    public void watch(Flag onHeldBack, Flag onShared) {
        this.onHeldBack = onHeldBack;
        this.onShared = onShared;
    }

    /** How many frame batches are worked on at a time; before anything is added. */
    public void workers(int count) {
        workers = count;
    }

    public MemoryBudget budget() {
        return budget;
    }

    /** Adds a delivery; its bytes are already counted as queued. Called on event loops. */
    public void add(FramedRead read, Delivery delivery, Sender from) {
        synchronized (lock) {
            (from.source().hasMuchInLine() ? much : little).add(read, delivery, from);
        }
        drain();
    }

    /** A lane has nothing to write: the next frame batch may be small. Any thread. */
    public void hungry() {
        synchronized (lock) {
            hungry = true;
            fed = false;
        }
        drain();
    }

    /** The rows of a frame batch are encoded: gives back the worst case that did not happen, and its array. */
    public void encoded(FrameBatch frameBatch, Rows rows) {
        arrays.give(frameBatch.bytes());
        budget.releaseRows(frameBatch.rowBytesMax() - rows.size());
        synchronized (lock) {
            encoding--;
            hungry = false;
        }
        drain();
    }

    /** Rows are stored: their bytes may be read again. */
    public void stored(long bytes) {
        budget.releaseRows(bytes);
        drain();
    }

    /** No connection is left: completes when everything gathered was taken. */
    public void complete() {
        synchronized (lock) {
            completed = true;
        }
        drain();
    }

    @Override
    public void subscribe(CoreSubscriber<? super FrameBatch> actual) {
        synchronized (lock) {
            if (subscriber != null) {
                Operators.error(actual, new IllegalStateException("the intake has one subscriber, the rail"));
                return;
            }
            subscriber = actual;
        }
        actual.onSubscribe(this);
    }

    @Override
    public void request(long n) {
        synchronized (lock) {
            requested = Operators.addCap(requested, n);
        }
        drain();
    }

    /** The pipeline is never cancelled; it completes. */
    @Override
    public void cancel() {
        complete();
    }

    private void drain() {
        if (drains.getAndIncrement() != 0) {
            return;
        }
        int missed = 1;
        do {
            try {
                drainOnce();
            } catch (RuntimeException bug) {
                fail(bug);
            }
            missed = drains.addAndGet(-missed);
        } while (missed != 0);
    }

    private void drainOnce() {
        for (FrameBatchBuilder next = take(); next != null; next = take()) {
            emit(next);
        }
        tell();
        completeWhenEmpty();
    }

    /** It is nobody's connection that failed, but the way of all events: the pipeline breaks. */
    private void fail(RuntimeException bug) {
        CoreSubscriber<? super FrameBatch> rail = subscriber;
        subscriber = null;
        if (rail != null) {
            rail.onError(bug);
        } else {
            ConnectionFailure.escalate(bug);
        }
    }

    private void tell() {
        if (refused != heldBack) {
            heldBack = refused;
            onHeldBack.changed(refused);
        }
        boolean both = linesInUse.areBoth();
        if (both != shared) {
            shared = both;
            onShared.changed(both);
        }
    }

    private void emit(FrameBatchBuilder gathered) {
        CoreSubscriber<? super FrameBatch> rail = subscriber;
        if (rail != null) {
            rail.onNext(gathered.seal());
            gathered.taken();
        }
    }

    private @Nullable FrameBatchBuilder take() {
        synchronized (lock) {
            refused = false;
            FrameBatchQueue line = requested == 0 ? null : nextLine();
            if (line == null) {
                return null;
            }
            FrameBatchBuilder next = line.first();
            if (!budget.takeForRail(next.queuedBytes(), next.rowBytesMax(), next::unqueue)) {
                refused = encoding == 0; // otherwise it may be what workers may yet give back that leaves no room
                return null;
            }
            linesInUse.leaves(line, much);
            line.remove();
            isTurnOfMuch = line == little;
            fed = true;
            hungry &= next.rowBytesMax() > QUICK_BYTES_MAX;
            requested--;
            encoding++;
            return next;
        }
    }

    private @Nullable FrameBatchQueue nextLine() {
        boolean mayLittle = little.hasFull() || (!little.isEmpty() && (much.hasFull() || maySmallLeave()));
        boolean mayMuch = encoding < workers && (much.hasFull() || (!much.isEmpty() && maySmallLeave()));
        if (mayLittle && mayMuch) {
            return isTurnOfMuch ? much : little;
        }
        return mayLittle ? little : mayMuch ? much : null;
    }

    /**
     * One small frame batch leaves for a lane, and others while it takes long to encode and a worker is idle; at the
     * end all do.
     */
    private boolean maySmallLeave() {
        return completed || (hungry && (!fed || encoding < workers));
    }

    private void completeWhenEmpty() {
        CoreSubscriber<? super FrameBatch> rail = subscriber;
        synchronized (lock) {
            if (!completed || rail == null || !little.isEmpty() || !much.isEmpty()) {
                return;
            }
            subscriber = null;
        }
        rail.onComplete();
    }
}
