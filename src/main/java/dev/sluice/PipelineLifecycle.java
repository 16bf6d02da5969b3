package dev.sluice;

import static java.util.Objects.requireNonNull;

import dev.sluice.config.StartStoppedException;
import dev.sluice.config.StartupException;
import dev.sluice.exit.ProcessExit;
import dev.sluice.listen.TcpListener;
import dev.sluice.listen.intake.Intake;
import dev.sluice.store.schema.SchemaMigrationException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.SmartLifecycle;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.ChannelBindException;

/**
 * Starts and stops the way of events: last to start, first to stop, while the HTTP port still answers. A start waits
 * for the database, because without tables nothing can be stored, and what cannot be stored is not read.
 */
final class PipelineLifecycle implements SmartLifecycle, DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(PipelineLifecycle.class);

    private final Duration drainTimeout;
    private final List<TcpListener> listeners;
    private final Intake intake;
    private final Pipeline pipeline;
    private final Database database;
    private final Disposable.Composite background = Disposables.composite();
    private Disposable keeper = Disposables.disposed();
    private Mono<Void> allStored = Mono.empty();
    private volatile boolean running;
    private volatile boolean everythingStored;
    private volatile @Nullable DrainReport drain;

    PipelineLifecycle(
            Duration drainTimeout, List<TcpListener> listeners, Intake intake, Pipeline pipeline, Database database) {
        this.drainTimeout = drainTimeout;
        this.listeners = listeners;
        this.intake = intake;
        this.pipeline = pipeline;
        this.database = database;
    }

    /** Whether the stop that ended this service stored all that had been read. */
    boolean isEverythingStored() {
        return everythingStored;
    }

    @Override
    public void start() {
        makeTables();
        keeper = Mono.when(
                        database.partitions().runForever(), database.indexes().runForever())
                .subscribe(done -> {}, PipelineLifecycle::broke);
        background.add(database.store().watchPrimary().subscribe(done -> {}, PipelineLifecycle::broke));
        allStored = pipeline.run().cache();
        background.add(allStored.subscribe(done -> {}, PipelineLifecycle::broke));
        try {
            listeners.forEach(PipelineLifecycle::listen);
        } catch (StartupException refused) { // Spring stops nothing that did not start
            keeper.dispose();
            background.dispose();
            throw refused;
        }
        LOG.info("Listening: {}", listeners);
        LOG.info("Storing in {}", database);
        running = true;
    }

    private void makeTables() {
        try {
            StoppableStart.OF_THIS_PROCESS.during(() -> {
                database.schema().run();
                database.partitions().runWhenPossible().block();
            });
        } catch (InterruptedException stopped) {
            LOG.info("Stopped while waiting for the database");
            throw new StartStoppedException(stopped);
        } catch (SchemaMigrationException refused) {
            throw new StartupException(
                    requireNonNull(refused.getMessage()), "The start ends, because waiting would not help.", refused);
        }
    }

    private static void listen(TcpListener listener) {
        try {
            listener.start();
        } catch (ChannelBindException refused) {
            String reason = String.valueOf(refused.getCause());
            boolean isTaken = reason.contains("in use");
            throw new StartupException(
                    "The listener " + listener + " cannot listen: " + (isTaken ? "the port is taken." : reason + "."),
                    isTaken
                            ? "Set sluice.listeners." + listener.name()
                                    + ".port to a free one, or end what listens there."
                            : "Correct sluice.listeners." + listener.name() + ".host and port.",
                    refused);
        }
    }

    /** A service that stores nothing any more must not look as if it were well: it ends, and is started anew. */
    private static void broke(Throwable failure) {
        LOG.error("The pipeline broke, which is a bug in Sluice; the service ends", failure);
        ProcessExit.ofThisProcess().begin();
    }

    @Override
    public void stop(Runnable callback) {
        running = false;
        background.add(drain().doFinally(signal -> callback.run())
                .subscribe(done -> {}, failure -> LOG.error("The drain failed", failure)));
    }

    /** Reads what shippers still send, stores it, and lets the database go. */
    private Mono<Void> drain() {
        DrainReport report = new DrainReport(
                listeners.stream().mapToInt(TcpListener::connections).sum(), pipeline.committedEvents());
        drain = report;
        return Flux.fromIterable(listeners)
                .flatMap(listener -> listener.drain(drainTimeout), Math.max(1, listeners.size()), 1)
                .reduce(0, Integer::sum)
                .flatMap(cut -> {
                    intake.complete();
                    return allStored.then(Mono.fromRunnable(() -> {
                        everythingStored = true;
                        report.log(cut, pipeline.committedEvents());
                    }));
                })
                .doFinally(signal -> keeper.dispose())
                .then(database.store().close());
    }

    @Override
    public void stop() {
        stop(() -> {});
    }

    /** Comes after the stop, however that ended: it may have had no more time. */
    @Override
    public void destroy() {
        DrainReport begun = drain;
        if (begun != null && !everythingStored) {
            begun.logLoss(intake.budget().inFlight());
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
