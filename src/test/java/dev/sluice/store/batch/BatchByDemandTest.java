package dev.sluice.store.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.event.Rows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SignalType;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class BatchByDemandTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final TestPublisher<Rows> source = TestPublisher.create();
    private final AtomicInteger hungry = new AtomicInteger();

    @Test
    void emitsAtOnceWhateverHasComeWhenThereIsDemand() {
        StepVerifier.create(batches(100, 1000), 1)
                .then(() -> source.next(rows(3, 30)))
                .assertNext(batch -> assertThat(batch.events()).isEqualTo(3))
                .then(source::complete)
                .expectComplete()
                .verify(LIMIT);
    }

    @Test
    void emitsNothingWithoutDemandAndExactlyWhatIsDemanded() {
        Rows[] rows = {rows(60, 10), rows(60, 10), rows(60, 10), rows(60, 10)};
        StepVerifier.create(batches(100, 1000), 0)
                .then(() -> source.next(rows[0], rows[1]))
                .expectNoEvent(Duration.ofMillis(50))
                .thenRequest(1)
                .expectNextCount(1)
                .expectNoEvent(Duration.ofMillis(50))
                .then(() -> source.next(rows[2]))
                .expectNoEvent(Duration.ofMillis(50))
                .thenRequest(1)
                .assertNext(batch -> assertThat(batch.rows()).containsExactly(rows[1]))
                .thenRequest(5)
                .assertNext(batch -> assertThat(batch.rows()).containsExactly(rows[2]))
                .then(() -> source.next(rows[3]).complete())
                .expectNextCount(1)
                .expectComplete()
                .verify(LIMIT);
    }

    @Test
    void gathersUpToTheLimitOfEvents() {
        StepVerifier.create(batches(100, 1000), 0)
                .then(() -> source.next(rows(50, 1), rows(49, 1), rows(2, 1)))
                .thenRequest(1)
                .assertNext(batch -> assertThat(batch.events()).isEqualTo(99))
                .thenCancel()
                .verify(LIMIT);
    }

    /** Otherwise the loop would be entered never again, and the lanes would wait for ever. */
    @Test
    void anExceptionNobodyExpectedBreaksThePipelineAndNotItsSilence() {
        IllegalStateException bug = new IllegalStateException("not expected");
        Flux<Batch> batches =
                new BatchByDemand(source.flux(), new BatchLimits(100, 1000), new BatchIds(), new Saturation(), () -> {
                    if (hungry.incrementAndGet() == 2) {
                        throw bug;
                    }
                });
        StepVerifier.create(batches, 2)
                .then(() -> source.next(rows(3, 30)))
                .expectNextCount(1)
                .expectErrorMatches(bug::equals)
                .verify(LIMIT);
        source.assertCancelled();
    }

    @Test
    void gathersUpToTheLimitOfBytes() {
        StepVerifier.create(batches(100, 1000), 0)
                .then(() -> source.next(rows(1, 500), rows(1, 499), rows(1, 2)))
                .thenRequest(1)
                .assertNext(batch -> assertThat(batch.bytes()).isEqualTo(999))
                .thenCancel()
                .verify(LIMIT);
    }

    @Test
    void neverSplitsTheRowsOfAFrameBatch() {
        StepVerifier.create(batches(100, 1000), 0)
                .then(() -> source.next(rows(300, 5000)))
                .thenRequest(1)
                .assertNext(batch -> assertThat(batch.events()).isEqualTo(300))
                .thenCancel()
                .verify(LIMIT);
    }

    @Test
    void asksForOneAtATimeAndForNoneWhenABatchIsFull() {
        List<Long> requests = new ArrayList<>();
        AtomicInteger emitted = new AtomicInteger();
        Flux<Rows> counted = Flux.<Rows>generate(sink -> {
                    emitted.incrementAndGet();
                    sink.next(rows(10, 300));
                })
                .doOnRequest(requests::add);
        StepVerifier.create(
                        new BatchByDemand(
                                counted, new BatchLimits(1000, 1000), new BatchIds(), new Saturation(), () -> {}),
                        0)
                .expectSubscription()
                .then(() -> assertThat(emitted).hasValue(4))
                .thenRequest(1)
                .assertNext(batch -> assertThat(batch.bytes()).isEqualTo(900))
                .then(() -> assertThat(emitted).hasValue(7))
                .thenCancel()
                .verify(LIMIT);
        assertThat(requests).containsOnly(1L);
    }

    @Test
    void boundsFrameBatchesWhoseEventsWereAllFiltered() {
        AtomicInteger emitted = new AtomicInteger();
        Flux<Rows> empty = Flux.<Rows>generate(sink -> {
                    emitted.incrementAndGet();
                    sink.next(rows(0, 0));
                })
                .take(10_000);
        StepVerifier.create(
                        new BatchByDemand(empty, new BatchLimits(50, 1000), new BatchIds(), new Saturation(), () -> {}),
                        0)
                .expectSubscription()
                .then(() -> assertThat(emitted).hasValue(50))
                .thenCancel()
                .verify(LIMIT);
    }

    @Test
    void saysOnceThatItIsHungryUntilTheNextBatch() {
        StepVerifier.create(batches(100, 1000), 0)
                .then(() -> assertThat(hungry).hasValue(0))
                .thenRequest(1)
                .then(() -> assertThat(hungry).hasValue(1))
                .thenRequest(1)
                .then(() -> assertThat(hungry).hasValue(1))
                .then(() -> source.next(rows(0, 0)))
                .expectNextCount(1)
                .then(() -> assertThat(hungry).hasValue(2))
                .then(() -> source.next(rows(1, 1)))
                .expectNextCount(1)
                .then(() -> assertThat(hungry).hasValue(2))
                .thenRequest(1)
                .then(() -> assertThat(hungry).hasValue(3))
                .thenCancel()
                .verify(LIMIT);
    }

    /** The lanes hold what little there is room for, so that no batch is ever full. */
    @Test
    void theStoreIsSaturatedWhileNoLaneIsFreeAndMoreHasNoRoom() {
        AtomicLong now = new AtomicLong();
        Saturation saturation = new Saturation(now::get);
        StepVerifier.create(
                        new BatchByDemand(
                                source.flux(), new BatchLimits(100, 1000), new BatchIds(), saturation, () -> {}),
                        1)
                .then(() -> source.next(rows(1, 1), rows(1, 1)))
                .expectNextCount(1)
                .then(() -> now.addAndGet(10))
                .then(() -> assertThat(saturation.nanos()).isZero())
                .then(() -> saturation.heldBack(true))
                .then(() -> now.addAndGet(10))
                .thenRequest(2)
                .expectNextCount(1)
                .then(() -> now.addAndGet(10))
                .then(() -> assertThat(saturation.nanos()).isEqualTo(10))
                .thenCancel()
                .verify(LIMIT);
    }

    @Test
    void emitsWhatHasGatheredBeforeItPassesOnAnError() {
        StepVerifier.create(batches(100, 1000), 0)
                .then(() -> source.next(rows(1, 1)).error(new IllegalStateException("upstream")))
                .expectNoEvent(Duration.ofMillis(50))
                .thenRequest(1)
                .expectNextCount(1)
                .expectErrorMessage("upstream")
                .verify(LIMIT);
    }

    @Test
    void cancelsUpstream() {
        StepVerifier.create(batches(100, 1000), 1).thenCancel().verify(LIMIT);
        source.assertCancelled();
    }

    /** Upstream and three consumers each on threads of their own; every row arrives once, in order, as demanded. */
    @Test
    void keepsOrderAndDemandWhenSignalsRace() throws Exception {
        int count = 30_000;
        Flux<Rows> racing = Flux.range(1, count).map(i -> rows(i % 3, i % 7)).publishOn(Schedulers.parallel(), 1);
        AtomicLong demanded = new AtomicLong();
        AtomicLong received = new AtomicLong();
        AtomicLong events = new AtomicLong();
        AtomicInteger frameBatches = new AtomicInteger();
        AtomicInteger entered = new AtomicInteger();
        AtomicInteger violations = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(1);
        var consumer = new BaseSubscriber<Batch>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {}

            @Override
            protected void hookOnNext(Batch batch) {
                if (entered.incrementAndGet() != 1 || received.incrementAndGet() > demanded.get()) {
                    violations.incrementAndGet();
                }
                events.addAndGet(batch.events());
                frameBatches.addAndGet(batch.rows().size());
                entered.decrementAndGet();
            }

            @Override
            protected void hookFinally(SignalType type) {
                done.countDown();
            }
        };
        new BatchByDemand(racing, new BatchLimits(40, 200), new BatchIds(), new Saturation(), hungry::incrementAndGet)
                .subscribe(consumer);
        for (int i = 0; i < 3; i++) {
            Thread.startVirtualThread(() -> {
                while (done.getCount() > 0) {
                    demanded.incrementAndGet();
                    consumer.request(1);
                    LockSupport.parkNanos(1000);
                }
            });
        }
        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(violations).hasValue(0);
        assertThat(frameBatches).hasValue(count);
        assertThat(events.get())
                .isEqualTo(IntStream.rangeClosed(1, count).mapToLong(i -> i % 3).sum());
    }

    private Flux<Batch> batches(int maxEvents, int maxBytes) {
        return new BatchByDemand(
                source.flux(),
                new BatchLimits(maxEvents, maxBytes),
                new BatchIds(),
                new Saturation(),
                hungry::incrementAndGet);
    }

    private static Rows rows(int events, int bytes) {
        return new Rows(List.of(new Rows.Piece(new byte[bytes], events)), new byte[0], List.of());
    }
}
