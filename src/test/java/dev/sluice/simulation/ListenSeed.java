package dev.sluice.simulation;

import java.util.function.LongConsumer;

/** Runs the listener's world of a seed; a class of its own, so that a mutant's loader can make one. */
public final class ListenSeed implements LongConsumer {

    @Override
    public void accept(long seed) {
        Simulation.quietly(ListenSeed::world, seed);
    }

    static Simulation.Run world(long seed) {
        ListenWorld world = new ListenWorld(seed);
        return new Simulation.Run(world.time, world::run);
    }
}
