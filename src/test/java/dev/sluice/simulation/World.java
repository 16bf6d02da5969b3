package dev.sluice.simulation;

import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.simulation.PostgresFaults.Consequence;
import dev.sluice.simulation.PostgresFaults.Fault;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongFunction;

/** What is simulated: each takes a seed, by types of the JDK so that it can be had from a mutant's loader. */
enum World implements LongFunction<String>, Runnable {

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
                    EnumSet.allOf(Manner.class),
                    EnumSet.allOf(Conversation.class),
                    EnumSet.allOf(Entrance.class),
                    EnumSet.of(CloseReason.IDLE_TIMEOUT, CloseReason.MAX_AGE, CloseReason.DRAIN));
        }
    };

    /** A world that another loader has: one seed of it, or those of the short form. */
    record Seeds(LongFunction<?> one, Runnable all) {}

    abstract Simulation.Run of(long seed);

    /** What has to come to pass in the seeds of the short form, or it shows nothing. */
    abstract Set<Enum<?>> kinds();

    /** The world of a seed, and what it came to: the same each time. */
    @Override
    public String apply(long seed) {
        VirtualTime time = Simulation.quietly(this::of, seed);
        return time.steps() + " steps in " + time.elapsed() + ": " + new TreeMap<>(time.counted());
    }

    /** Those of the short form, or whatever is asked for. */
    @Override
    public void run() {
        Simulation.run(this);
    }

    private static Set<Enum<?>> allOf(Set<?>... some) {
        Set<Enum<?>> all = new HashSet<>();
        for (Set<?> each : some) {
            each.forEach(kind -> all.add((Enum<?>) kind));
        }
        return all;
    }
}
