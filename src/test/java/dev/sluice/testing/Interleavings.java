package dev.sluice.testing;

import java.util.ArrayList;
import java.util.List;
import org.jetbrains.lincheck.Lincheck;
import org.jspecify.annotations.Nullable;

/**
 * Runs what threads do at the same time in one order after the other, each time from the beginning, by Lincheck's model
 * checker. A thread may be switched at each access to what threads share. An order that ends in an error is printed
 * step by step. Memory is sequentially consistent in it, so that what a missing {@code volatile} does is not seen.
 *
 * <p>Tests that use it have the tag {@code interleavings}: they run in a JVM of their own, whose classes Lincheck
 * instruments.
 */
public final class Interleavings {

    /** So many orders; {@code -Dsluice.test.interleavings=1000000} tries longer. */
    private static final int ORDERS = Integer.getInteger("sluice.test.interleavings", 100);

    /**
     * Lincheck cannot follow what a lambda captures, and takes an object that it does not see shared for a thread's.
     */
    private static volatile @Nullable World shared;

    private Interleavings() {}

    /** One set of threads, and what must be so when they have ended. */
    public interface World {
        List<Runnable> threads();

        /** Without AssertJ: Lincheck hashes what it sees, and its assertions refuse that. */
        void check();
    }

    /** A new world for each order, by a lambda: Lincheck does not see the {@code new} of a method reference. */
    @FunctionalInterface
    public interface Worlds {
        World next();
    }

    public static void check(Worlds worlds) {
        Lincheck.runConcurrentTest(ORDERS, () -> {
            World world = worlds.next();
            shared = world;
            List<Thread> running = new ArrayList<>();
            for (Runnable work : world.threads()) {
                Thread thread = new Thread(work);
                running.add(thread);
                thread.start();
            }
            for (Thread thread : running) {
                join(thread);
            }
            world.check();
        });
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
