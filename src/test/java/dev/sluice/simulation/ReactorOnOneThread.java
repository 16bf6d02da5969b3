package dev.sluice.simulation;

import io.netty.util.concurrent.FastThreadLocal;
import java.util.concurrent.ThreadFactory;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Work that Sluice and the driver hand to Reactor's own threads is done at once, by the one thread of the simulation.
 */
final class ReactorOnOneThread implements AutoCloseable {

    private final Schedulers.Snapshot before = Schedulers.setFactoryWithSnapshot(new Schedulers.Factory() {
        @Override
        public Scheduler newBoundedElastic(int threads, int queued, ThreadFactory factory, int ttlSeconds) {
            return Schedulers.immediate();
        }
    });

    @Override
    public void close() {
        Schedulers.resetFrom(before);
        FastThreadLocal.removeAll(); // what event loops keep for themselves, which is this thread's here
    }
}
