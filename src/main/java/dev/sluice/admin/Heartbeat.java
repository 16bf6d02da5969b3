package dev.sluice.admin;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.netty.resources.LoopResources;

/**
 * Whether all threads that have to go on still take tasks: gives each a tiny one now and then, and counts its own turns
 * until that was run. Turns, not time: a process that was stopped or swapped out does not take its own pause for the
 * silence of its threads. Nothing waits for anything here, and a thread that waits for the database without blocking is
 * well.
 */
public final class Heartbeat implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);
    private static final Duration PERIOD = Duration.ofSeconds(2);

    /** So many turns make 30 seconds. */
    static final int TURNS_MAX = 15;

    private final List<Watched> all;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("sluice-heartbeat").unstarted(this::run);

    /** A heartbeat of these threads, by their names for an operator. */
    public Heartbeat(Map<String, Executor> threads) {
        all = threads.entrySet().stream()
                .map(entry -> new Watched(entry.getKey(), entry.getValue()))
                .toList();
    }

    /** The threads of a server that accept and read, each by itself. */
    public static List<Executor> executors(LoopResources loops) {
        List<Executor> executors = new ArrayList<>();
        loops.onServerSelect(LoopResources.DEFAULT_NATIVE).forEach(executors::add);
        loops.onServer(LoopResources.DEFAULT_NATIVE).forEach(executors::add);
        return executors;
    }

    /** Begins. */
    public void start() {
        thread.start();
    }

    /** Those that have not taken a task for long. */
    public List<String> stuck() {
        return all.stream().filter(Watched::isStuck).map(one -> one.name).toList();
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        try {
            while (!Thread.interrupted()) {
                turn();
                Thread.sleep(PERIOD);
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    void turn() {
        all.forEach(Watched::turn);
    }

    private static final class Watched {
        private final String name;
        private final Executor executor;
        private volatile @Nullable Thread answeredBy;
        private volatile boolean isAnswered = true;
        private volatile int missed;

        Watched(String name, Executor executor) {
            this.name = name;
            this.executor = executor;
        }

        boolean isStuck() {
            return missed >= TURNS_MAX;
        }

        void turn() {
            if (isAnswered) {
                ask();
            } else {
                miss();
            }
        }

        private void ask() {
            missed = 0;
            isAnswered = false;
            try {
                executor.execute(this::answer);
            } catch (RejectedExecutionException ended) {
                LOG.debug("{} takes no task", name, ended); // nor will it answer: that counts
            }
        }

        private void answer() {
            answeredBy = Thread.currentThread();
            isAnswered = true;
        }

        private void miss() {
            int turns = missed + 1;
            missed = turns;
            if (turns == TURNS_MAX) {
                Throwable place = new Throwable("where it is");
                Thread last = answeredBy;
                place.setStackTrace(last == null ? new StackTraceElement[0] : last.getStackTrace());
                LOG.error(
                        "{} has taken no task for {} s; liveness is down", name, TURNS_MAX * PERIOD.toSeconds(), place);
            }
        }
    }
}
