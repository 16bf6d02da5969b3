package dev.sluice.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * The scheduler of a simulation. Everything that happens is a task of an event loop or an event of the outside, and
 * runs on the one thread of the test. When several could run, the seed chooses; when none can, time jumps to the next.
 */
final class VirtualTime {

    /** What a task takes at most: the code under test sees time pass. */
    private static final int TASK_NANOS_MAX = 2_000;

    /** Not 0: nothing may count on it. */
    private static final long START_NANOS = 1_000_000_000_000L;

    private record Event(long at, long order, Runnable action) {}

    private final SplittableRandom random;
    private final List<VirtualLoop> loops = new ArrayList<>();
    private final PriorityQueue<Event> events =
            new PriorityQueue<>((a, b) -> a.at == b.at ? Long.compare(a.order, b.order) : Long.compare(a.at, b.at));
    private long now = START_NANOS;
    private long scheduled;
    private long steps;
    private SimulationFailure failure;
    private final Map<Enum<?>, Integer> counts = new HashMap<>();

    VirtualTime(SplittableRandom random) {
        this.random = random;
        VirtualClock.is(this);
    }

    VirtualLoop loop(String name) {
        VirtualLoop made = new VirtualLoop(name, this);
        loops.add(made);
        return made;
    }

    long nanos() {
        return now;
    }

    double chance() {
        return random.nextDouble();
    }

    Duration elapsed() {
        return Duration.ofNanos(now - START_NANOS);
    }

    long steps() {
        return steps;
    }

    /** Something happens outside of the process; events of the same moment keep their order. */
    void after(Duration delay, Runnable action) {
        at(now + delay.toNanos(), action);
    }

    void at(long nanos, Runnable action) {
        events.add(new Event(Math.max(nanos, now), scheduled++, action));
    }

    /**
     * Ends the simulation after this step; for those who are called by code that would take an exception for its own.
     */
    void fail(String message) {
        failure = failure == null ? new SimulationFailure(message) : failure;
    }

    /** Something came to pass that the simulation is meant to have. */
    void count(Enum<?> kind) {
        counts.merge(kind, 1, Integer::sum);
    }

    Map<Enum<?>, Integer> counts() {
        return counts;
    }

    /** The same by names. */
    Map<String, Integer> counted() {
        Map<String, Integer> named = new HashMap<>();
        counts.forEach((kind, count) -> named.put(kind.toString(), count));
        return named;
    }

    /** Runs one task or event; false when nothing will ever happen again, or not before {@code limit}. */
    boolean step(Duration limit) {
        List<Runnable> ready = ready();
        if (ready.isEmpty()) {
            long next = next();
            if (next - START_NANOS > limit.toNanos()) {
                return false;
            }
            now = Math.max(now, next);
            ready = ready();
        }
        steps++;
        now += random.nextInt(TASK_NANOS_MAX);
        ready.get(random.nextInt(ready.size())).run();
        if (failure != null) {
            throw failure;
        }
        return true;
    }

    private List<Runnable> ready() {
        List<Runnable> ready = new ArrayList<>();
        for (VirtualLoop loop : loops) {
            if (loop.isReady()) {
                ready.add(loop::runOne);
            }
        }
        Event event = events.peek();
        if (event != null && event.at <= now) {
            ready.add(() -> events.remove().action.run());
        }
        return ready;
    }

    private long next() {
        long next = Long.MAX_VALUE;
        for (VirtualLoop loop : loops) {
            next = Math.min(next, loop.nextNanos());
        }
        Event event = events.peek();
        return event == null ? next : Math.min(next, event.at);
    }
}
