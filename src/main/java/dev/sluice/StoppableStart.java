package dev.sluice;

import org.jspecify.annotations.Nullable;

/**
 * Lets a stop end the start where that waits for the database, however long; Spring's own shutdown waits for the start.
 * The rest of the start is short, and an interrupt there would only be reported by what it meets.
 */
final class StoppableStart {

    static final StoppableStart OF_THIS_PROCESS = new StoppableStart();

    private @Nullable Thread waiting;
    private boolean isStopped;

    /** Ends the wait, also one that is still to come. */
    synchronized void stop() {
        isStopped = true;
        if (waiting != null) {
            waiting.interrupt();
        }
    }

    /** Waits. The thread's interrupt is gone afterwards: what was made so far is still to be closed in order. */
    void during(Wait wait) throws InterruptedException {
        begin();
        try {
            wait.run();
        } finally {
            end();
        }
    }

    private synchronized void begin() throws InterruptedException {
        if (isStopped) {
            throw new InterruptedException();
        }
        waiting = Thread.currentThread();
    }

    private synchronized void end() {
        waiting = null;
        Thread.interrupted();
    }

    /** Something that ends when it is interrupted. */
    interface Wait {
        void run() throws InterruptedException;
    }
}
