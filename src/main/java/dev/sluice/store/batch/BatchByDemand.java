package dev.sluice.store.batch;

import dev.sluice.event.Rows;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * Gathers rows into batches by demand: each batch that is requested (by a lane that became free) is emitted at once
 * with what has gathered, up to the limits, or as soon as anything arrives. It waits neither for a size nor for a time,
 * so batches are small when it is quiet and full when the lanes are the bottleneck.
 *
 * <p>Upstream is asked for one {@link Rows} at a time, and for none while a full batch is gathered. So it holds at most
 * one batch and one {@link Rows}. The rows of one frame batch are never split: a batch passes a limit only when a
 * single one does.
 *
 * <p>When there is demand and nothing to give, {@code hungry} is run, once until the next batch: what gathers upstream
 * should then hand over what it has, or the next thing that it gets.
 */
public final class BatchByDemand extends Flux<Batch> {

    private final Flux<Rows> source;
    private final BatchLimits limits;
    private final BatchIds ids;
    private final Runnable hungry;
    private final Saturation saturation;

    public BatchByDemand(Flux<Rows> source, BatchLimits limits, BatchIds ids, Saturation saturation, Runnable hungry) {
        this.source = source;
        this.limits = limits;
        this.ids = ids;
        this.saturation = saturation;
        this.hungry = hungry;
    }

    @Override
    public void subscribe(CoreSubscriber<? super Batch> actual) {
        source.subscribe(new Gatherer(actual, this));
    }

    /** Signals may come from several threads; only the one that raised {@code wip} from 0 runs the loop. */
    private static final class Gatherer implements CoreSubscriber<Rows>, Subscription {

        private final CoreSubscriber<? super Batch> actual;
        private final BatchLimits limits;
        private final BatchIds ids;
        private final Saturation saturation;
        private final Runnable hungry;

        /** Filled by upstream, emptied by the loop; one place is enough, because one element at a time is requested. */
        private final AtomicReference<@Nullable Rows> arrived = new AtomicReference<>();

        private final ArrayDeque<Rows> gathered = new ArrayDeque<>();
        private long gatheredBytes;
        private long gatheredRows;
        private boolean awaiting;
        private boolean saidHungry;
        private boolean terminated;

        private @Nullable Subscription upstream;
        private @Nullable Throwable error;
        private volatile boolean done;
        private volatile boolean cancelled;
        private final AtomicInteger wip = new AtomicInteger();
        private final AtomicLong requested = new AtomicLong();

        Gatherer(CoreSubscriber<? super Batch> actual, BatchByDemand operator) {
            this.actual = actual;
            limits = operator.limits;
            ids = operator.ids;
            saturation = operator.saturation;
            hungry = operator.hungry;
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            if (Operators.validate(upstream, subscription)) {
                upstream = subscription;
                actual.onSubscribe(this);
                drain();
            }
        }

        @Override
        public void onNext(Rows rows) {
            if (done) {
                Operators.onNextDropped(rows, currentContext());
                return;
            }
            if (!arrived.compareAndSet(null, rows)) {
                if (upstream != null) {
                    upstream.cancel();
                }
                onError(new IllegalStateException("upstream sent more rows than were requested"));
                return;
            }
            drain();
        }

        @Override
        public void onError(Throwable failure) {
            if (done) {
                Operators.onErrorDropped(failure, currentContext());
                return;
            }
            error = failure;
            done = true;
            drain();
        }

        @Override
        public void onComplete() {
            done = true;
            drain();
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n)) {
                requested.accumulateAndGet(n, Operators::addCap);
                drain();
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            if (upstream != null) {
                upstream.cancel();
            }
            drain();
        }

        private void drain() {
            if (wip.getAndIncrement() != 0) {
                return;
            }
            int missed = 1;
            do {
                try {
                    drainOnce();
                } catch (RuntimeException bug) {
                    fail(bug);
                }
                missed = wip.addAndGet(-missed);
            } while (missed != 0);
        }

        private void drainOnce() {
            if (cancelled || terminated) {
                discard();
            } else {
                turn();
            }
        }

        /** Nobody would enter the loop again, and the lanes would wait for ever: the pipeline breaks instead. */
        private void fail(RuntimeException bug) {
            if (terminated) {
                Operators.onErrorDropped(bug, currentContext());
                return;
            }
            if (upstream != null) {
                upstream.cancel();
            }
            error = bug;
            terminate();
            discard();
        }

        private void turn() {
            boolean last = done;
            gather();
            while (requested.get() > 0 && !gathered.isEmpty() && !cancelled) {
                saidHungry = false;
                requested.updateAndGet(many -> many == Long.MAX_VALUE ? many : many - 1);
                actual.onNext(take());
            }
            if (last && gathered.isEmpty()) {
                terminate();
            } else if (!last && !cancelled) {
                ask();
            }
        }

        private void gather() {
            Rows rows = arrived.getAndSet(null);
            if (rows != null) {
                awaiting = false;
                gathered.add(rows);
                gatheredBytes += rows.size();
                gatheredRows += rows(rows);
            }
        }

        private Batch take() {
            List<Rows> taken = new ArrayList<>();
            long bytes = 0;
            long count = 0;
            Rows next = gathered.peek();
            while (next != null
                    && (taken.isEmpty()
                            || (bytes + next.size() <= limits.maxBytes()
                                    && count + rows(next) <= limits.maxEvents()))) {
                gathered.remove();
                taken.add(next);
                bytes += next.size();
                count += rows(next);
                next = gathered.peek();
            }
            gatheredBytes -= bytes;
            gatheredRows -= count;
            return new Batch(ids.next(), taken);
        }

        private void ask() {
            Subscription source = upstream;
            // Frame batches whose events were all filtered weigh nothing, so their number is bounded as well.
            boolean full =
                    gatheredBytes >= limits.maxBytes() || Math.max(gatheredRows, gathered.size()) >= limits.maxEvents();
            saturation.gathered(requested.get() > 0, full);
            if (source != null && !awaiting && !full) {
                awaiting = true;
                source.request(1);
            }
            if (requested.get() > 0 && !saidHungry && gathered.isEmpty() && arrived.get() == null) {
                saidHungry = true;
                hungry.run();
            }
        }

        private void terminate() {
            terminated = true;
            if (error == null) {
                actual.onComplete();
            } else {
                actual.onError(error);
            }
        }

        private void discard() {
            arrived.set(null);
            gathered.clear();
        }

        private static int rows(Rows rows) {
            return rows.events() + rows.deadLetters();
        }
    }
}
