package dev.sluice;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.BesideOthers;
import dev.sluice.testing.PostgresExtension;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An error on any thread ends the service; one that lives on without a thread would look well. */
@BesideOthers
class FatalErrorIT {

    private static final Duration LIMIT = Duration.ofSeconds(180);

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    @ParameterizedTest
    @ValueSource(strings = {"loop", "memory", "lane", "statement", "worker"})
    void anErrorEndsTheServiceWithAStatusOtherThanZero(String fault) throws Exception {
        try (ServiceProcess sluice = broken(fault)) {
            assertThat(sluice.awaitExit(LIMIT)).as(sluice.output()).isEqualTo(1);
            assertThat(sluice.output()).contains("The service ends, because it cannot go on after this");
        }
    }

    @Test
    void anErrorInADecoderEndsTheServiceWithAStatusOtherThanZero() throws Exception {
        try (ServiceProcess sluice = broken("decoder")) {
            sluice.awaitStarted();
            try (Socket shipper = new Socket("127.0.0.1", sluice.port())) {
                shipper.getOutputStream().write("<13>an event\n".getBytes(US_ASCII));
            }
            assertThat(sluice.awaitExit(LIMIT)).as(sluice.output()).isEqualTo(1);
        }
    }

    private static ServiceProcess broken(String fault) throws Exception {
        return ServiceProcess.start(POSTGRES, List.of("-Xmx128m"), "--testing.fault=" + fault);
    }
}
