package dev.sluice.exit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ProcessExitTest {

    private final CountDownLatch shutdown = new CountDownLatch(1);
    private final CountDownLatch never = new CountDownLatch(1);
    private final AtomicInteger halts = new AtomicInteger();

    @Test
    void waitsUntilItIsAsked() {
        ProcessExit exit = exit(Duration.ZERO, shutdown::countDown);
        assertThat(exit.hasBegun()).isFalse();
        exit.begin();
        exit.begin();
        assertThat(exit.hasBegun()).isTrue();
        assertThat(shutdown.getCount()).isOne();
    }

    @Test
    void theOrdinaryShutdownComesFirst() throws Exception {
        ProcessExit exit = exit(Duration.ofHours(1), shutdown::countDown);
        Thread waiting = Thread.ofPlatform().daemon().start(exit::await);
        exit.begin();
        assertThat(shutdown.await(1, TimeUnit.MINUTES)).isTrue();
        assertThat(halts).hasValue(0);
        waiting.interrupt();
        waiting.join();
    }

    @Test
    void aShutdownThatStandsStillIsNotWaitedForForEver() {
        ProcessExit exit = exit(Duration.ofMillis(1), this::hang);
        exit.begin();
        exit.await();
        assertThat(halts).hasValue(1);
        never.countDown();
    }

    private ProcessExit exit(Duration limit, Runnable how) {
        return new ProcessExit(limit, how, halts::incrementAndGet);
    }

    private void hang() {
        try {
            never.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
