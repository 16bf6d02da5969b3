package dev.sluice.protocol.syslog;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keeps the benchmark from rotting, and the hot path from allocating. */
class SyslogDecoderBenchmarkTest {

    private static final int WARM_UP_ROUNDS = 200;
    private static final int ROUNDS = 20;

    @ParameterizedTest
    @ValueSource(strings = {"SYSLOG", "RFC3164", "JSON"})
    void everyEventIsDecodedWithoutAllocation(String kind) {
        SyslogDecoderBenchmark benchmark = new SyslogDecoderBenchmark();
        benchmark.kind = kind;
        benchmark.makeRead();
        for (int i = 0; i < WARM_UP_ROUNDS; i++) {
            benchmark.frameAndDecode();
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < ROUNDS; i++) {
            benchmark.frameAndDecode();
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(benchmark.events()).isEqualTo((long) (WARM_UP_ROUNDS + ROUNDS) * SyslogDecoderBenchmark.EVENTS);
        assertThat(allocated / (ROUNDS * SyslogDecoderBenchmark.EVENTS)).isZero();
    }
}
