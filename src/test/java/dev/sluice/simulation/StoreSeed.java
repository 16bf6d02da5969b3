package dev.sluice.simulation;

import java.util.function.LongConsumer;

/** Runs the store's world of a seed; a class of its own, so that a mutant's loader can make one. */
public final class StoreSeed implements LongConsumer {

    @Override
    public void accept(long seed) {
        Simulation.quietly(StoreSeed::world, seed);
    }

    static Simulation.Run world(long seed) {
        StoreWorld world = StoreWorld.of(seed);
        return new Simulation.Run(world.time, world::run);
    }
}
