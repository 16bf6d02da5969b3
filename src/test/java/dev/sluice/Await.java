package dev.sluice;

import dev.sluice.testing.PostgresExtension;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waiting for what happens in another thread, process or database. */
final class Await {

    private Await() {}

    static void until(String what, Duration limit, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + limit + ": " + what);
            }
            pause(10);
        }
    }

    static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Asserts that every event of {@link Shippers} is there exactly once. */
    static void storedExactly(PostgresExtension postgres, long events, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (postgres.count("log_event") < events && System.nanoTime() < deadline) {
            pause(100);
        }
        var row = postgres.rows("select count(*) as n, count(distinct split_part(message, ' ', 1)) as ids,"
                        + " (select count(*) from dead_letter) as dead from log_event")
                .getFirst();
        if (!row.get("n").equals(events)
                || !row.get("ids").equals(events)
                || !row.get("dead").equals(0L)) {
            throw new AssertionError("sent " + events + ", stored " + row);
        }
    }
}
