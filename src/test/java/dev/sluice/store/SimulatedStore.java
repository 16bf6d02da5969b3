package dev.sluice.store;

import dev.sluice.store.batch.BatchIds;
import dev.sluice.store.batch.BatchLimits;
import dev.sluice.store.copy.KeptRow;
import dev.sluice.store.database.DatabaseHosts;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/** The real store with the clock and the chance of a simulation. */
public final class SimulatedStore {

    private SimulatedStore() {}

    public static EventStore of(
            DatabaseHosts hosts,
            LoopResources loops,
            StoreSettings settings,
            StoreObserver observer,
            Surroundings surroundings) {
        LongSupplier nanos = surroundings.nanos;
        SplittableRandom random = surroundings.random;
        LongSupplier millis = () -> TimeUnit.NANOSECONDS.toMillis(nanos.getAsLong());
        return new EventStore(
                hosts,
                loops,
                settings,
                new StoreContext(
                        new BatchIds(millis, random.nextLong()),
                        new BatchLimits(settings.maxEvents(), settings.maxBytes()),
                        observer,
                        nanos,
                        random::nextDouble,
                        new LastCommits(settings.ledgerAge(), nanos, () -> Instant.ofEpochMilli(millis.getAsLong())),
                        new KeptRow(),
                        days -> Mono.empty()));
    }

    /** What the simulation is in the place of. */
    public record Surroundings(LongSupplier nanos, SplittableRandom random) {}
}
