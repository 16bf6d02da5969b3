package dev.sluice;

import dev.sluice.event.ArrayPool;
import dev.sluice.event.FrameBatch;
import dev.sluice.event.Rows;
import dev.sluice.listen.intake.Intake;
import dev.sluice.metrics.PipelineMetrics;
import dev.sluice.process.FrameBatchProcessor;
import dev.sluice.store.EventStore;
import dev.sluice.store.batch.Batch;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The whole way of an event. Data flows down {@link #run}; demand flows up it, from a lane that becomes free to the
 * sockets, and {@link #committed} gives back the budget and acknowledges.
 */
final class Pipeline {

    /**
     * Frame batches that wait for a worker, and rows that wait for the store, at each hand-over: one is always ready.
     */
    static final int RAIL_PREFETCH = 1;

    private final Intake intake;
    private final int workers;
    private final Scheduler rail;

    /** One a thread of the rail. */
    private final ThreadLocal<FrameBatchProcessor> processor;

    private final EventStore store;
    private final ArrayPool arrays;
    private final PipelineMetrics metrics;
    private final LongAdder events = new LongAdder();

    Pipeline(Intake intake, Rail rail, EventStore store, ArrayPool arrays, PipelineMetrics metrics) {
        this.intake = intake;
        this.workers = rail.workers();
        this.rail = rail.scheduler();
        processor = ThreadLocal.withInitial(rail.processors());
        this.store = store;
        this.arrays = arrays;
        this.metrics = metrics;
        intake.watch(store::upstreamHeldBack, store::upstreamShared);
        intake.workers(workers);
    }

    /**
     * The threads that decode and encode.
     *
     * @param processors makes the processor of one worker
     */
    record Rail(int workers, Scheduler scheduler, Supplier<FrameBatchProcessor> processors) {

        /** Each thread by itself: workers of the scheduler are bound to its threads in turn. */
        List<Executor> executors() {
            return Stream.generate(scheduler::createWorker)
                    .limit(workers)
                    .<Executor>map(worker -> worker::schedule)
                    .toList();
        }
    }

    /** Completes when the listeners are closed and everything that was read is stored; subscribed once. */
    Mono<Void> run() {
        return intake // framed deliveries of all connections, gathered into frame batches
                .doOnNext(metrics::takenByRail)
                .transform(frameBatches -> onRail(frameBatches, workers, rail, this::decodeAndEncode))
                .transform(rows -> store.write(rows, intake::hungry))
                .doOnNext(this::committed)
                .then();
    }

    /**
     * What {@code work} makes of each element, on one of the workers: a busy one asks for no more, an idle one does.
     */
    static <T, R> Flux<R> onRail(Flux<T> source, int workers, Scheduler rail, Function<T, R> work) {
        return source.parallel(workers, RAIL_PREFETCH)
                .runOn(rail, RAIL_PREFETCH)
                .map(work)
                .sequential(RAIL_PREFETCH);
    }

    private Rows decodeAndEncode(FrameBatch frameBatch) {
        Rows rows = processor.get().process(frameBatch);
        intake.encoded(frameBatch, rows);
        return rows;
    }

    /** Rows of events that were committed since the start. */
    long committedEvents() {
        return events.sum();
    }

    private void committed(Batch batch) {
        events.add(batch.events());
        metrics.committed(batch);
        intake.stored(batch.bytes());
        batch.acknowledge();
        batch.recycle(arrays);
    }
}
