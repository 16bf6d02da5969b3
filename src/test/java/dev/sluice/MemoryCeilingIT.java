package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.BesideOthers;
import dev.sluice.testing.PostgresExtension;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A JVM that is too small is refused at start, not when the load comes. */
@BesideOthers
class MemoryCeilingIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    @Test
    void aHeapThatIsTooSmallEndsTheStartWithTheNumbers() throws Exception {
        try (ServiceProcess sluice = ServiceProcess.start(POSTGRES, List.of("-Xmx64m"))) {
            assertThat(sluice.awaitExit(Duration.ofSeconds(60))).isNotZero();
            assertThat(sluice.output())
                    .contains("The memory ceiling is heap")
                    .contains("sluice.pipeline.memory 64 MB")
                    .contains("the JVM has heap 64 MB")
                    .contains("-Xmx");
        }
    }
}
