package dev.sluice;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Proves that the tests of this tag run with the detector armed. */
@Tag("blockhound")
class BlockHoundTest {

    @BeforeAll
    static void arm() {
        ArmedBlockHound.arm();
    }

    @Test
    void aBlockingCallOnAWorkerIsReported() {
        Mono<Integer> blocking = Mono.fromCallable(() -> {
                    Thread.sleep(1);
                    return 1;
                })
                .subscribeOn(Schedulers.parallel());

        assertThatThrownBy(() -> blocking.block(Duration.ofSeconds(5))).hasStackTraceContaining("Blocking call!");
    }
}
