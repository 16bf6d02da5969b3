package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

@Timeout(60)
class PipelineTest {

    private static final int WORKERS = 3;

    private final Scheduler rail = Schedulers.newParallel("pipeline-test", WORKERS);

    @AfterEach
    void stop() {
        rail.dispose();
    }

    /** What comes after it is many times what may be asked for ahead. */
    @Test
    void whatOneWorkerNeedsLongForKeepsNothingElse() {
        int count = 100;
        CountDownLatch others = new CountDownLatch(count - 1);
        List<Integer> done = Pipeline.onRail(Flux.range(0, count), WORKERS, rail, number -> {
                    if (number == 0) {
                        await(others);
                    } else {
                        others.countDown();
                    }
                    return number;
                })
                .collectList()
                .block();
        assertThat(done)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, count).boxed().toList());
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS))
                    .as("all others are through")
                    .isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
