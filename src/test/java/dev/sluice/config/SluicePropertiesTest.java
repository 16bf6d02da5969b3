package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.config.ListenerProperties.ListenerProtocol;
import dev.sluice.config.ListenerProperties.ProxyProtocol;
import dev.sluice.config.ListenerProperties.Security;
import dev.sluice.config.SluiceProperties.Batch;
import dev.sluice.config.SluiceProperties.Forward;
import dev.sluice.config.SluiceProperties.Json;
import dev.sluice.config.SluiceProperties.Pipeline;
import dev.sluice.config.SluiceProperties.Store;
import dev.sluice.config.SluiceProperties.Syslog;
import dev.sluice.listen.admission.Network;
import dev.sluice.listen.tls.TlsSettings.ClientAuth;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.util.unit.DataSize;

/** Binds as the service does, from text. */
class SluicePropertiesTest {

    private static final Security OPEN = new Security("", Map.of());
    private static final TlsProperties NO_TLS =
            new TlsProperties("", TlsProperties.Mode.REQUIRED, ClientAuth.NONE, Duration.ofSeconds(10));
    private static final ListenerProperties DEFAULT_LISTENER = plain(5140, DataSize.ofKilobytes(256));

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(ValidationAutoConfiguration.class))
            .withUserConfiguration(Binding.class);

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableConfigurationProperties(SluiceProperties.class)
    static class Binding {}

    @Test
    void defaultsAreThese() {
        runner.run(context -> assertThat(context.getBean(SluiceProperties.class))
                .isEqualTo(new SluiceProperties(
                        Map.of("main", DEFAULT_LISTENER),
                        new Pipeline(DataSize.ofMegabytes(64), 0, Duration.ofSeconds(15)),
                        new Store(
                                2,
                                new Batch(20_000, DataSize.ofMegabytes(8)),
                                Duration.ofSeconds(60),
                                Duration.ofDays(30),
                                Duration.ofDays(7),
                                Duration.ofDays(1),
                                Duration.ofDays(1)),
                        new Syslog(ZoneId.of("UTC")),
                        new Json(64),
                        new Forward(DataSize.ofMegabytes(9), DataSize.ofMegabytes(25), Duration.ofDays(1)))));
    }

    @Test
    void aNamedListenerHasTheDefaultsOfMain() {
        runner.withPropertyValues("sluice.listeners.apps.port=5140")
                .run(context -> assertThat(
                                context.getBean(SluiceProperties.class).listeners())
                        .isEqualTo(Map.of("apps", DEFAULT_LISTENER)));
    }

    @Test
    void everyPropertyTakesAnotherValue() {
        runner.withPropertyValues(
                        "sluice.listeners.apps.host=127.0.0.1",
                        "sluice.listeners.apps.port=6000",
                        "sluice.listeners.apps.protocol=forward",
                        "sluice.listeners.apps.max-connections=17",
                        "sluice.listeners.apps.max-connections-per-source=18",
                        "sluice.listeners.apps.allow=10.0.0.0/8,fd00::/8",
                        "sluice.listeners.apps.max-rate=19MB",
                        "sluice.listeners.apps.max-frame=1MB",
                        "sluice.listeners.apps.join-lines=300",
                        "sluice.listeners.apps.first-byte-timeout=20s",
                        "sluice.listeners.apps.idle-timeout=21m",
                        "sluice.listeners.apps.max-age=22h",
                        "sluice.listeners.apps.proxy-protocol=required",
                        "sluice.listeners.apps.proxy-protocol-from[0]=192.168.1.1",
                        "sluice.listeners.apps.forward.shared-key=k",
                        "sluice.listeners.apps.forward.users.anna=pw",
                        "sluice.listeners.apps.tls.bundle=shippers",
                        "sluice.listeners.apps.tls.client-auth=need",
                        "sluice.listeners.apps.tls.handshake-timeout=3s",
                        "sluice.pipeline.memory=32MB",
                        "sluice.pipeline.workers=3",
                        "sluice.pipeline.drain-timeout=4s",
                        "sluice.store.lanes=5",
                        "sluice.store.batch.max-events=600",
                        "sluice.store.batch.max-bytes=1MB",
                        "sluice.store.batch-deadline=7s",
                        "sluice.store.retention=8d",
                        "sluice.store.partitions-ahead=9d",
                        "sluice.store.ledger-retention=10h",
                        "sluice.store.removal-step=2d",
                        "sluice.syslog.zone=Europe/Berlin",
                        "sluice.json.max-depth=11",
                        "sluice.forward.max-chunk=2MB",
                        "sluice.forward.max-inflated=3MB",
                        "sluice.forward.remember=4h")
                .run(context -> assertThat(context.getBean(SluiceProperties.class))
                        .isEqualTo(new SluiceProperties(
                                Map.of(
                                        "apps",
                                        new ListenerProperties(
                                                "127.0.0.1",
                                                6000,
                                                ListenerProtocol.FORWARD,
                                                17,
                                                18,
                                                List.of(Network.of("10.0.0.0/8"), Network.of("fd00::/8")),
                                                DataSize.ofMegabytes(19),
                                                DataSize.ofMegabytes(1),
                                                300,
                                                Duration.ofSeconds(20),
                                                Duration.ofMinutes(21),
                                                Duration.ofHours(22),
                                                ProxyProtocol.REQUIRED,
                                                List.of(Network.of("192.168.1.1")),
                                                new Security("k", Map.of("anna", "pw")),
                                                new TlsProperties(
                                                        "shippers",
                                                        TlsProperties.Mode.REQUIRED,
                                                        ClientAuth.NEED,
                                                        Duration.ofSeconds(3)))),
                                new Pipeline(DataSize.ofMegabytes(32), 3, Duration.ofSeconds(4)),
                                new Store(
                                        5,
                                        new Batch(600, DataSize.ofMegabytes(1)),
                                        Duration.ofSeconds(7),
                                        Duration.ofDays(8),
                                        Duration.ofDays(9),
                                        Duration.ofHours(10),
                                        Duration.ofDays(2)),
                                new Syslog(ZoneId.of("Europe/Berlin")),
                                new Json(11),
                                new Forward(DataSize.ofMegabytes(2), DataSize.ofMegabytes(3), Duration.ofHours(4)))));
    }

    @Test
    void tlsMayBeOptional() {
        runner.withPropertyValues(
                        "sluice.listeners.apps.tls.bundle=shippers", "sluice.listeners.apps.tls.mode=optional")
                .run(context -> assertThat(context.getBean(SluiceProperties.class)
                                .listeners()
                                .get("apps")
                                .tls())
                        .isEqualTo(new TlsProperties(
                                "shippers", TlsProperties.Mode.OPTIONAL, ClientAuth.NONE, Duration.ofSeconds(10))));
    }

    @Test
    void aServerThatSpeaksFirstHasToKnowWhetherItSpeaksTls() {
        runner.withPropertyValues(
                        "sluice.listeners.apps.protocol=forward",
                        "sluice.listeners.apps.forward.shared-key=k",
                        "sluice.listeners.apps.tls.bundle=shippers",
                        "sluice.listeners.apps.tls.mode=optional")
                .run(context -> assertThat(context.getStartupFailure())
                        .hasStackTraceContaining("tls.mode is optional, expected required"));
    }

    @Test
    void environmentVariablesAreRelaxed() {
        runner.withInitializer(context -> context.getEnvironment()
                        .getPropertySources()
                        .addFirst(new SystemEnvironmentPropertySource(
                                "systemEnvironment",
                                Map.of(
                                        "SLUICE_LISTENERS_MAIN_PORT", "6001",
                                        "SLUICE_LISTENERS_MAIN_MAXFRAME", "2MB",
                                        "SLUICE_STORE_BATCH_MAXEVENTS", "12"))))
                .run(context -> {
                    SluiceProperties properties = context.getBean(SluiceProperties.class);
                    assertThat(properties.listeners().get("main")).isEqualTo(plain(6001, DataSize.ofMegabytes(2)));
                    assertThat(properties.store().batch().maxEvents()).isEqualTo(12);
                });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            sluice.listeners.main.max-frame   | 100B    | max-frame is 100B      | between 1024B and 16777216B
            sluice.listeners.main.max-frame   | 17MB    | max-frame is 17825792B | between 1024B and 16777216B
            sluice.pipeline.drain-timeout     | 2s      | drain-timeout is PT2S  | at least 3s
            sluice.pipeline.memory            | 1MB     | memory is 1048576B     | between 4194304B and 68719476736B
            sluice.store.batch.max-bytes      | 1KB     | max-bytes is 1024B     | between 65536B and 268435456B
            sluice.store.lanes                | 0       | rejected value [0]     | greater than or equal to 1
            sluice.store.batch.max-events     | 0       | rejected value [0]     | greater than or equal to 1
            sluice.pipeline.workers           | 257     | rejected value [257]   | less than or equal to 256
            sluice.json.max-depth             | 513     | rejected value [513]   | less than or equal to 512
            sluice.listeners.main.forward.shared-key | k | protocol is auto | expected forward
            sluice.listeners.main.tls.client-auth | need | tls.bundle is empty | an SSL bundle under spring.ssl.bundle
            sluice.listeners.main.tls.mode    | optional | tls.bundle is empty    | an SSL bundle under spring.ssl.bundle
            sluice.listeners.main.tls.handshake-timeout | 1ms | tls.handshake-timeout is PT0.001S | between PT0.1S
            sluice.listeners.main.tls.mode    | ktls    | ktls                   | Mode
            sluice.forward.max-chunk          | 1KB     | max-chunk is 1024B     | between 65536B and 268435456B
            sluice.forward.max-inflated       | 1KB     | max-inflated is 1024B  | between 1048576B and 1073741824B
            sluice.forward.remember           | -1s     | remember is PT-1S      | at least 0
            sluice.listeners.main.port        | 65536   | rejected value [65536] | less than or equal to 65535
            sluice.listeners.main.protocol    | gopher  | gopher                 | ListenerProtocol
            sluice.listeners.main.allow[0]    | 10.0.0.0/33 | 10.0.0.0/33        | such as 10.0.0.0/8
            sluice.listeners.main.allow[0]    | 10.0.0.1/8 | bits set after      | expected 10.0.0.0/8
            sluice.listeners.main.allow[0]    | example.org | example.org        | an address and the length
            sluice.listeners.main.max-rate    | 1B      | max-rate is 1B         | between 1024B
            sluice.listeners.main.max-age     | 1ms     | max-age is PT0.001S    | 0 or between PT0.1S
            sluice.listeners.main.max-age     | 366d    | max-age is PT8784H     | PT0.1S and PT8760H
            sluice.listeners.main.idle-timeout | 366d   | idle-timeout is PT8784H | PT0.1S and PT8760H
            sluice.listeners.main.first-byte-timeout | 366d | first-byte-timeout is | PT0.1S and PT8760H
            sluice.listeners.main.idle-timeout | -1s    | idle-timeout is PT-1S  | 0 or between PT0.1S
            sluice.listeners.main.first-byte-timeout | 1ms | first-byte-timeout is | 0 or between PT0.1S
            sluice.listeners.main.max-connections-per-source | -1 | rejected value [-1] | greater than or equal to 0
            sluice.listeners.main.proxy-protocol-from | ::1 | proxy-protocol is off | expected required
            sluice.syslog.zone                | Nowhere | Nowhere                | ZoneId
            """)
    void aBadValueIsNamedWithItsPropertyAndWhatIsExpected(
            String property, String value, String said, String expectation) {
        String leaf = property.substring(property.lastIndexOf('.') + 1).replace("-", "");
        runner.withPropertyValues(property + "=" + value).run(context -> {
            assertThat(context).hasFailed();
            StringBuilder messages = new StringBuilder();
            for (Throwable cause = context.getStartupFailure(); cause != null; cause = cause.getCause()) {
                messages.append(cause).append('\n');
            }
            assertThat(messages.toString()).contains(said, expectation);
            assertThat(messages.toString().replace("-", "")).containsIgnoringCase(leaf);
        });
    }

    /** A listener with nothing switched on. */
    private static ListenerProperties plain(int port, DataSize maxFrame) {
        return new ListenerProperties(
                "0.0.0.0",
                port,
                ListenerProtocol.AUTO,
                10_000,
                0,
                List.of(),
                DataSize.ofBytes(0),
                maxFrame,
                0,
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                ProxyProtocol.OFF,
                List.of(),
                OPEN,
                NO_TLS);
    }
}
