package dev.sluice.simulation;

import ch.qos.logback.classic.Level;
import io.netty.util.ResourceLeakDetector;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs world, one a seed. {@code -Dsluice.simulation.seeds=N} runs N new ones instead of the few that are always the
 * same, and {@code -Dsluice.test.seed=S} the one of that seed, with its log.
 */
final class Simulation {

    private static final Logger LOG = LoggerFactory.getLogger(Simulation.class);
    static final int SEEDS = 8;

    private Simulation() {}

    /** A world that has been made. */
    record Run(VirtualTime time, Runnable action) {}

    static void run(World world) {
        Long only = Long.getLong("sluice.test.seed");
        Integer seeds = Integer.getInteger("sluice.simulation.seeds");
        if (only != null) {
            one(world::of, only);
        } else {
            many(world, seeds == null ? 0 : System.nanoTime(), seeds == null ? SEEDS : seeds);
        }
    }

    private static void many(World world, long first, int seeds) {
        long start = System.nanoTime();
        Duration simulated = Duration.ZERO;
        Map<Enum<?>, Integer> counts = new HashMap<>();
        for (int i = 0; i < seeds; i++) {
            VirtualTime time = quietly(world::of, first + i);
            simulated = simulated.plus(time.elapsed());
            time.counts().forEach((kind, count) -> counts.merge(kind, count, Integer::sum));
        }
        long took = Duration.ofNanos(System.nanoTime() - start).toMillis();
        LOG.info(
                "{}: {} seeds, {} simulated in {} ms, {} times as fast",
                world,
                seeds,
                simulated,
                took,
                simulated.toMillis() / Math.max(1, took));
        LOG.info("{}: {}", world, counts);
        if (seeds >= SEEDS && !counts.keySet().containsAll(world.kinds())) {
            throw new AssertionError("the seeds of " + world + " have only " + counts + " of " + world.kinds());
        }
    }

    /** What a world says counts only when it is looked at alone. */
    static VirtualTime quietly(LongFunction<Run> worlds, long seed) {
        List<ch.qos.logback.classic.Logger> loggers = Stream.of("dev.sluice", "io.r2dbc", "reactor")
                .map(name -> (ch.qos.logback.classic.Logger) LoggerFactory.getLogger(name))
                .toList();
        loggers.forEach(each -> each.setLevel(Level.OFF));
        try {
            return one(worlds, seed);
        } finally {
            loggers.forEach(each -> each.setLevel(null));
        }
    }

    /** The time of the world of that seed, when it is over. */
    private static VirtualTime one(LongFunction<Run> worlds, long seed) {
        ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.SIMPLE); // the others take most of the time
        try (ReactorOnOneThread ignored = new ReactorOnOneThread()) {
            Run run = worlds.apply(seed);
            try {
                run.action.run();
            } catch (RuntimeException | AssertionError failure) {
                throw new AssertionError(
                        "-Dsluice.test.seed=" + seed + " repeats it, at step " + run.time.steps() + " after "
                                + run.time.elapsed() + ": " + failure.getMessage(),
                        failure);
            }
            return run.time;
        } finally {
            ResourceLeakDetector.setLevel(before);
        }
    }
}
