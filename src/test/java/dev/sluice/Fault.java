package dev.sluice;

import dev.sluice.event.ArrayPool;
import dev.sluice.process.FrameBatchProcessor;
import dev.sluice.store.copy.CopyRowEncoder;
import dev.sluice.testing.Await;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;

/** Breaks a service that was told {@code --testing.fault=...} as soon as it has started; see {@link #cause}. */
@Component
@ConditionalOnProperty("testing.fault")
final class Fault implements ApplicationListener<ApplicationReadyEvent> {

    private final String name;
    private final LoopResources listenLoops;
    private final LoopResources storeLoops;
    private final Pipeline.Rail rail;

    Fault(
            Environment environment,
            @Qualifier("listenLoops") LoopResources listenLoops,
            @Qualifier("storeLoops") LoopResources storeLoops,
            Pipeline.Rail rail) {
        name = environment.getRequiredProperty("testing.fault");
        this.listenLoops = listenLoops;
        this.storeLoops = storeLoops;
        this.rail = rail;
    }

    @Override
    public void onApplicationEvent(ApplicationReadyEvent ready) {
        Executor loop = listenLoops.onServer(true).next();
        Executor lane = storeLoops.onClient(true).next();
        switch (name) {
            case "loop" -> loop.execute(Fault::overflow);
            case "memory" -> loop.execute(Fault::exhaust);
            case "stuck" -> loop.execute(Fault::sleep);
            case "lane" -> lane.execute(Fault::overflow);
            case "statement" -> start(Schedulers.fromExecutor(lane));
            case "worker" -> start(rail.scheduler());
            case "decoder" -> {} // waits for an event
            default -> throw new IllegalArgumentException(name);
        }
    }

    @SuppressWarnings("CheckReturnValue")
    private static void start(Scheduler scheduler) {
        scheduler.schedule(() -> {
            throw new AssertionError("a fault of the test");
        });
    }

    private static void overflow() {
        overflow();
    }

    private static void exhaust() {
        long[][] all = new long[1 << 20][];
        for (int i = 0; i < all.length; i++) {
            all[i] = new long[1 << 20];
        }
    }

    private static void sleep() {
        Await.pause(3_600_000);
    }

    /** Has every decoder fail. */
    @Component
    @ConditionalOnProperty(name = "testing.fault", havingValue = "decoder")
    static final class Decoder implements BeanPostProcessor {

        @Override
        public Object postProcessAfterInitialization(Object bean, String beanName) {
            return bean instanceof Pipeline.Rail rail
                    ? new Pipeline.Rail(rail.workers(), rail.scheduler(), failing())
                    : bean;
        }

        private static Supplier<FrameBatchProcessor> failing() {
            CopyRowEncoder encoder = new CopyRowEncoder(new ArrayPool(() -> 0));
            return () -> new FrameBatchProcessor(
                    protocol -> (bytes, from, to, event, sink) -> {
                        throw new NoClassDefFoundError("a fault of the test");
                    },
                    () -> encoder,
                    (rows, nanos) -> {});
        }
    }
}
