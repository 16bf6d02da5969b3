package dev.sluice;

import dev.sluice.listen.Intake;
import dev.sluice.listen.TcpListener;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Starts and stops the way of events: last to start, first to stop, while the HTTP port still answers. A start waits
 * for the database, because without tables nothing can be stored, and what cannot be stored is not read.
 */
final class PipelineLifecycle implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(PipelineLifecycle.class);
    private static final Duration PARTITIONS_TIMEOUT = Duration.ofMinutes(1);

    private final Duration drainTimeout;
    private final List<TcpListener> listeners;
    private final Intake intake;
    private final Pipeline pipeline;
    private final Database database;
    private @Nullable Mono<Void> allStored;
    private @Nullable Disposable partitions;
    private volatile boolean running;
    private volatile boolean everythingStored;

    PipelineLifecycle(
            Duration drainTimeout, List<TcpListener> listeners, Intake intake, Pipeline pipeline, Database database) {
        this.drainTimeout = drainTimeout;
        this.listeners = listeners;
        this.intake = intake;
        this.pipeline = pipeline;
        this.database = database;
    }

    /** Whether the stop that ended this service left nothing behind that had been read. */
    boolean isEverythingStored() {
        return everythingStored;
    }

    @Override
    public void start() {
        try {
            database.schema().run();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Stopped while waiting for the database", stopped);
        }
        database.partitions().run().block(PARTITIONS_TIMEOUT);
        partitions = database.partitions().runForever().subscribe();
        Mono<Void> run = pipeline.run().cache();
        allStored = run;
        Disposable subscribed = run.subscribe(
                done -> {}, failure -> LOG.error("The pipeline broke, which is a mistake in Sluice", failure));
        LOG.debug("Pipeline subscribed: {}", !subscribed.isDisposed());
        listeners.forEach(TcpListener::start);
        running = true;
    }

    @Override
    public void stop(Runnable callback) {
        running = false;
        Disposable stopped = drain().doFinally(signal -> callback.run())
                .subscribe(
                        done -> {},
                        failure -> LOG.error("The drain failed; what was read and not yet stored is lost", failure));
        LOG.debug("Draining: {}", !stopped.isDisposed());
    }

    /** Reads what shippers still send, stores it, and lets the database go. */
    private Mono<Void> drain() {
        Mono<Void> stored = allStored == null ? Mono.empty() : allStored;
        return Flux.fromIterable(listeners)
                .flatMap(listener -> listener.drain(drainTimeout), Math.max(1, listeners.size()), 1)
                .then(Mono.fromRunnable(intake::complete))
                .then(stored)
                .then(Mono.fromRunnable(() -> everythingStored = true))
                .then(Mono.fromRunnable(this::stopPartitions))
                .then(database.store().close());
    }

    private void stopPartitions() {
        if (partitions != null) {
            partitions.dispose();
        }
    }

    @Override
    public void stop() {
        stop(() -> {});
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
