package dev.sluice.exit;

import ch.qos.logback.classic.LoggerContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Hooks;
import reactor.core.scheduler.Schedulers;

/**
 * Ends the process when an {@link Error} surfaces on any thread. After one, a loop, a worker or a lane may have lost
 * its place, and a service that looks well and stores nothing is worse than one that is started anew.
 *
 * <p>There is no single place through which errors come: a thread has its handler, Reactor its hooks, and Netty catches
 * everything that tasks, handlers and listeners throw and writes it to the log. So the log is watched as well.
 */
public final class FatalErrors {

    private static final Logger LOG = LoggerFactory.getLogger(FatalErrors.class);
    private static final String OUR_THREADS = "sluice-";
    private static final int CAUSES_MAX = 16;

    private final ProcessExit exit;

    /** Ends the process by {@code exit}. */
    public FatalErrors(ProcessExit exit) {
        this.exit = exit;
    }

    /** Takes what threads and Reactor have nobody for. */
    public void install() {
        Thread.setDefaultUncaughtExceptionHandler(this::uncaught);
        Schedulers.onHandleError(this::uncaught);
        // What an operator's function throws. Reactor itself rethrows those that no JVM survives.
        Hooks.onOperatorError((error, element) -> {
            endOnError(error);
            return error;
        });
        // What fails on a connection that was closed under it is known to its lane; the driver has nobody to tell.
        Hooks.onErrorDropped(error -> {
            endOnError(error);
            LOG.debug("An error came after its receiver had gone", error);
        });
    }

    /** Takes what is written to the log. */
    public void watch(LoggerContext log) {
        log.addTurboFilter(new LoggedErrors(this));
    }

    /** A thread or a task ended by it. An exception is fatal, too, where it ends a task that has to go on. */
    void uncaught(Thread thread, Throwable thrown) {
        if (isError(thrown) || thread.getName().startsWith(OUR_THREADS)) {
            end(thrown);
        } else {
            LOG.error("Thread {} threw an exception that nobody handles", thread.getName(), thrown);
        }
    }

    void endOnError(Throwable thrown) {
        if (isError(thrown)) {
            end(thrown);
        }
    }

    private void end(Throwable fatal) {
        boolean isFirst = !exit.hasBegun();
        exit.begin(); // before the line, for which there may be no memory
        if (isFirst) {
            LOG.error("The service ends, because it cannot go on after this", fatal);
        }
    }

    /** Whether it is an error, or was caused by one. */
    private static boolean isError(Throwable thrown) {
        @Nullable Throwable cause = thrown;
        for (int i = 0; i < CAUSES_MAX && cause != null; i++) {
            if (cause instanceof Error) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }
}
