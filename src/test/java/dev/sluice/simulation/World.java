package dev.sluice.simulation;

import dev.sluice.simulation.PostgresFaults.Consequence;
import dev.sluice.simulation.PostgresFaults.Fault;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongConsumer;

/** What is simulated: each takes a seed, as a consumer of one so that it can be had from a mutant's loader. */
enum World implements LongConsumer {

    /** The store alone, whose database has a standby. */
    STORE {
        @Override
        Simulation.Run of(long seed) {
            StoreWorld world = StoreWorld.of(seed);
            return new Simulation.Run(world.time, world::run);
        }

        @Override
        Set<Enum<?>> kinds() {
            return allOf(EnumSet.allOf(Fault.class), EnumSet.allOf(Consequence.class));
        }
    },

    /** The way from a shipper to the tables, of a server or two. */
    LISTEN {
        @Override
        Simulation.Run of(long seed) {
            ListenWorld world = new ListenWorld(seed);
            return new Simulation.Run(world.time, world::run);
        }

        @Override
        Set<Enum<?>> kinds() {
            return allOf(
                    EnumSet.allOf(Fault.class),
                    EnumSet.allOf(SimulatedShipper.Manner.class),
                    EnumSet.allOf(Conversation.class));
        }
    };

    abstract Simulation.Run of(long seed);

    /** What has to come to pass in the seeds of the short form, or it shows nothing. */
    abstract Set<Enum<?>> kinds();

    @Override
    public void accept(long seed) {
        Simulation.quietly(this::of, seed);
    }

    private static Set<Enum<?>> allOf(Set<?>... some) {
        Set<Enum<?>> all = new HashSet<>();
        for (Set<?> each : some) {
            each.forEach(kind -> all.add((Enum<?>) kind));
        }
        return all;
    }
}
