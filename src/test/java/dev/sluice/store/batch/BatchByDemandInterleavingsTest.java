package dev.sluice.store.batch;

import dev.sluice.event.Rows;
import dev.sluice.testing.Interleavings;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

@Tag("interleavings")
class BatchByDemandInterleavingsTest {

    @Test
    void whatArrivesMeetsTheDemandWhicheverComesFirst() {
        Interleavings.check(() -> new Lanes());
    }

    /** The rail brings what it was asked for, while two lanes ask for a batch each. */
    private static final class Lanes implements Interleavings.World {
        private final Rail rail = new Rail();
        private final Written written = new Written();
        private final AtomicInteger hungry = new AtomicInteger();

        Lanes() {
            new BatchByDemand(
                            rail, new BatchLimits(100, 1000), new BatchIds(), new Saturation(), hungry::incrementAndGet)
                    .subscribe(written);
        }

        @Override
        public List<Runnable> threads() {
            return List.of(
                    () -> {
                        rail.bring();
                        rail.bring();
                    },
                    written::request,
                    written::request);
        }

        @Override
        public void check() {
            int waiting = rail.brought - written.rows.get();
            if (waiting > 0 && written.batches.get() < 2) {
                throw new AssertionError(waiting + " wait, and a lane is idle");
            }
            if (written.batches.get() < 2 && hungry.get() == 0) {
                throw new AssertionError("a lane is idle, and the intake was not told");
            }
            rail.complete();
            written.request();
            written.request();
            if (written.rows.get() != rail.brought || written.completed.get() != 1) {
                throw new AssertionError(written.rows + " of " + rail.brought + ", ended " + written.completed);
            }
        }
    }

    /** Brings one thing of rows when it was asked for one; on one thread. */
    private static final class Rail extends Flux<Rows> implements Subscription {
        private final AtomicInteger asked = new AtomicInteger();
        private final AtomicReference<CoreSubscriber<? super Rows>> batcher = new AtomicReference<>();
        private int brought;

        @Override
        public void subscribe(CoreSubscriber<? super Rows> actual) {
            batcher.set(actual);
            actual.onSubscribe(this);
        }

        @Override
        public void request(long n) {
            asked.addAndGet((int) n);
        }

        @Override
        public void cancel() {
            // nobody does
        }

        void bring() {
            if (asked.get() > 0) {
                asked.decrementAndGet();
                brought++;
                batcher.get().onNext(new Rows(List.of(new Rows.Piece(new byte[10], 1)), new byte[0], List.of()));
            }
        }

        void complete() {
            batcher.get().onComplete();
        }
    }

    private static final class Written implements CoreSubscriber<Batch> {
        private final AtomicInteger batches = new AtomicInteger();
        private final AtomicInteger rows = new AtomicInteger();
        private final AtomicInteger completed = new AtomicInteger();
        private final AtomicReference<Subscription> subscription = new AtomicReference<>();

        void request() {
            subscription.get().request(1);
        }

        @Override
        public void onSubscribe(Subscription batcher) {
            subscription.set(batcher);
        }

        @Override
        public void onNext(Batch batch) {
            batches.incrementAndGet();
            rows.addAndGet(batch.events());
        }

        @Override
        public void onError(Throwable error) {
            throw new AssertionError(error);
        }

        @Override
        public void onComplete() {
            completed.incrementAndGet();
        }
    }
}
