package dev.sluice.store;

import dev.sluice.event.Rows;
import dev.sluice.store.batch.Batch;
import dev.sluice.store.batch.BatchByDemand;
import dev.sluice.store.batch.Saturation;
import dev.sluice.store.database.DatabaseHosts;
import dev.sluice.store.database.LaneLoop;
import dev.sluice.store.database.PrimaryWatch;
import dev.sluice.store.schema.Partitions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.resources.LoopResources;

/**
 * Stores rows in PostgreSQL, each exactly once as far as this process is concerned, and says when they are committed.
 */
public final class EventStore {

    private final StoreSettings settings;
    private final StoreContext context;
    private final List<Lane> lanes;
    private final Queue<Lane> free;
    private final Saturation saturation;
    private final PrimaryWatch watch;
    private final Sinks.Empty<Void> closed = Sinks.empty();

    /**
     * A store whose lanes connect when their first batch comes.
     *
     * @param hosts where the database is
     * @param loops at least one event loop a lane, created with {@code colocate} off; they stay the caller's
     * @param partitions makes missing partitions; asked on a lane's event loop whenever rows have none
     */
    public EventStore(
            DatabaseHosts hosts,
            LoopResources loops,
            StoreSettings settings,
            StoreObserver observer,
            Partitions partitions) {
        this(hosts, loops, settings, StoreContext.of(settings, observer, System::nanoTime, partitions));
    }

    EventStore(DatabaseHosts hosts, LoopResources loops, StoreSettings settings, StoreContext context) {
        this.settings = settings;
        this.context = context;
        saturation = new Saturation(context.nanos());
        List<Lane> made = new ArrayList<>();
        for (int i = 0; i < settings.lanes(); i++) {
            made.add(new Lane(new LaneLoop(loops, settings.batchDeadline()), hosts, settings, context));
        }
        lanes = List.copyOf(made);
        free = new ConcurrentLinkedQueue<>(lanes);
        watch = new PrimaryWatch(hosts, new LaneLoop(loops), this::longestSilence);
    }

    /**
     * Stores all {@code rows} and emits each batch when it is committed, on the event loop of its lane; call
     * {@link Batch#acknowledge()} then. Subscribe once. It never fails by itself: what cannot be stored now is tried
     * for ever.
     *
     * @param hungry run when a lane is free and there is nothing for it, once until rows come: what gathers should then
     *     hand over whatever it has, or gets next, however little
     */
    public Flux<Batch> write(Flux<Rows> rows, Runnable hungry) {
        return new BatchByDemand(rows, context.limits(), context.ids(), saturation, hungry)
                .flatMap(this::writeOnFreeLane, settings.lanes(), 1);
    }

    /** Whether more rows would come, and have no room until some are stored. Any thread. */
    public void upstreamHeldBack(boolean isHeldBack) {
        saturation.heldBack(isHeldBack);
    }

    /** Whether rows of shippers that send little come beside those of a flood. Any thread. */
    public void upstreamShared(boolean isShared) {
        context.limits().shared(isShared);
    }

    /** How long no lane was free and nothing more could be gathered, in nanoseconds since the start. */
    public long saturatedNanos() {
        return saturation.nanos();
    }

    /** How each lane is. */
    public List<LaneStatus> lanes() {
        return lanes.stream().map(Lane::status).toList();
    }

    /** The threads of the lanes, each by itself. */
    public List<Executor> executors() {
        return lanes.stream().map(Lane::executor).toList();
    }

    /** Why nothing is stored until an operator repairs it, if that is so: the service is not ready then. */
    public Optional<String> haltedBy() {
        return lanes.stream().flatMap(lane -> lane.status().haltedBy().stream()).findFirst();
    }

    /**
     * Sees to it that a lane does not wait for a server that was passed over. Subscribe once; completes at the close.
     */
    public Mono<Void> watchPrimary() {
        return watch.run().takeUntilOther(closed.asMono());
    }

    private Duration longestSilence() {
        return Duration.ofNanos(lanes.stream()
                .mapToLong(lane -> lane.status().silentNanos())
                .max()
                .orElse(0));
    }

    /** Closes the connections, after {@link #write} has completed or was cancelled. */
    public Mono<Void> close() {
        var _ = closed.tryEmitEmpty(); // a second close finds it done
        return Flux.fromIterable(lanes)
                .flatMap(Lane::close, settings.lanes(), 1)
                .then();
    }

    private Mono<Batch> writeOnFreeLane(Batch batch) {
        return Mono.defer(() -> {
            @Nullable Lane lane = free.poll();
            if (lane == null) {
                return Mono.error(new IllegalStateException("more batches than lanes are in flight"));
            }
            // Before the batch completes: its completion asks for the next one at once.
            return lane.write(batch).doOnTerminate(() -> free.add(lane));
        });
    }
}
