package dev.sluice;

import dev.sluice.event.ArrayPool;
import dev.sluice.listen.intake.Intake;
import dev.sluice.metrics.PipelineMetrics;
import dev.sluice.process.FrameBatchProcessor;
import dev.sluice.protocol.Protocols;
import dev.sluice.store.EventStore;
import dev.sluice.store.copy.CopyRowEncoder;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** The real pipeline of two workers who share the thread of a simulation. */
public final class SimulatedPipeline {

    private static final int WORKERS = 2;

    private SimulatedPipeline() {}

    public static Mono<Void> run(
            Intake intake, Protocols protocols, Scheduler rail, EventStore store, PipelineMetrics metrics) {
        ArrayPool arrays = ArrayPool.none();
        Pipeline.Rail workers = new Pipeline.Rail(WORKERS, rail, () -> {
            CopyRowEncoder rows = new CopyRowEncoder(arrays);
            return new FrameBatchProcessor(protocols::decoder, () -> rows, metrics.working());
        });
        return new Pipeline(intake, workers, store, arrays, metrics).run();
    }
}
