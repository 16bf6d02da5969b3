package dev.sluice.testing;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waiting for what happens in another thread, process or database. */
public final class Await {

    /** Long enough for anything on a busy machine that is not slow by itself. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private Await() {}

    /** Waits for {@code condition} for 30 s at the most; the line of the caller says what for. */
    public static void until(BooleanSupplier condition) {
        until("the condition", LIMIT, condition);
    }

    /** Waits for {@code condition} for 30 s at the most. */
    public static void until(String what, BooleanSupplier condition) {
        until(what, LIMIT, condition);
    }

    /** Waits for {@code condition} and fails with {@code what} when it does not come true within {@code limit}. */
    public static void until(String what, Duration limit, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + limit + ": " + what);
            }
            pause(5);
        }
    }

    /** Lets time pass, for what no condition shows: that nothing happens. */
    public static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
