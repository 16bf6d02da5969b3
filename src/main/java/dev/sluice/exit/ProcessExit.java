package dev.sluice.exit;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * Ends the process after a failure that nothing can repair: by the ordinary shutdown, which stores what was read, and
 * when that does not come to its end, without it. Its thread is there from the beginning, because a JVM that is short
 * of memory may start none; asking for the end allocates nothing.
 */
public final class ProcessExit {

    /** The exit status. */
    public static final int STATUS = 1;

    /** How long the shutdown may take; as long as Spring gives each of its phases. */
    static final Duration LIMIT = Duration.ofSeconds(30);

    private final CountDownLatch asked = new CountDownLatch(1);
    private final Duration limit;
    private final Runnable shutdown;
    private final Runnable halt;

    ProcessExit(Duration limit, Runnable shutdown, Runnable halt) {
        this.limit = limit;
        this.shutdown = shutdown;
        this.halt = halt;
    }

    /** The exit of this JVM; the first call starts its thread. */
    public static ProcessExit ofThisProcess() {
        return Holder.EXIT;
    }

    /** From here on the process ends, with a status other than 0. Any thread; returns at once. */
    public void begin() {
        asked.countDown();
    }

    /** Whether it was asked to end. */
    public boolean hasBegun() {
        return asked.getCount() == 0;
    }

    /** Waits until it is asked, then sees the process end. */
    void await() {
        try {
            asked.await();
            Thread.ofPlatform().daemon().name("sluice-shutdown").start(shutdown);
            Thread.sleep(limit);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            halt.run(); // also when no thread could be started
        }
    }

    private static final class Holder {
        static final ProcessExit EXIT = new ProcessExit(
                LIMIT, () -> System.exit(STATUS), () -> Runtime.getRuntime().halt(STATUS));

        static {
            Thread.ofPlatform().daemon().name("sluice-exit").start(EXIT::await);
        }
    }
}
