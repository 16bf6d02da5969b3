package dev.sluice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.Await;
import dev.sluice.testing.BesideOthers;
import dev.sluice.testing.HungHost;
import dev.sluice.testing.PostgresExtension;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A start beside a host that takes connections and answers nothing. */
@BesideOthers
class HungHostIT {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    @Test
    void aHungHostInFrontOfThePrimaryIsPassedOver() throws Exception {
        startsAndStores(hung -> hung + "," + primary());
    }

    @Test
    void aHungHostBehindThePrimaryIsPassedOver() throws Exception {
        startsAndStores(hung -> primary() + "," + hung);
    }

    @Test
    void aStartBesideAHungHostSaysSoAndHearsSigterm() throws Exception {
        try (HungHost hung = new HungHost();
                ServiceProcess sluice = start(hung.address())) {
            Await.until(
                    "named: " + sluice.output(), LIMIT, () -> sluice.output().contains(hung.address() + ": no answer"));
            sluice.terminate();
            assertThat(sluice.awaitExit(Duration.ofSeconds(20))).isNotZero();
        }
    }

    private static void startsAndStores(java.util.function.UnaryOperator<String> hosts) throws Exception {
        try (HungHost hung = new HungHost();
                ServiceProcess sluice = start(hosts.apply(hung.address()))) {
            sluice.awaitStarted();
            sluice.terminate();
            assertThat(sluice.awaitExit(LIMIT)).isZero();
        }
    }

    private static String primary() {
        return POSTGRES.host() + ":" + POSTGRES.port();
    }

    private static ServiceProcess start(String hosts) throws Exception {
        return ServiceProcess.start(
                POSTGRES,
                List.of("-Xmx128m"),
                "--spring.r2dbc.url=r2dbc:postgresql:failover://" + hosts + "/" + POSTGRES.database());
    }
}
