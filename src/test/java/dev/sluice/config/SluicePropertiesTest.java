package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.config.ListenerProperties.ListenerProtocol;
import dev.sluice.config.ListenerProperties.ProxyProtocol;
import dev.sluice.config.ListenerProperties.Security;
import dev.sluice.config.SluiceProperties.Batch;
import dev.sluice.config.SluiceProperties.Forward;
import dev.sluice.config.SluiceProperties.Json;
import dev.sluice.config.SluiceProperties.Pipeline;
import dev.sluice.config.SluiceProperties.RetentionAction;
import dev.sluice.config.SluiceProperties.Store;
import dev.sluice.config.SluiceProperties.Syslog;
import dev.sluice.listen.admission.Network;
import dev.sluice.listen.tls.TlsSettings.ClientAuth;
import dev.sluice.store.database.TableLayout;
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
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration;
import org.springframework.core.env.MapPropertySource;
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
                        new Pipeline(DataSize.ofMegabytes(64), 0, Duration.ofSeconds(15), ""),
                        new Store(
                                2,
                                new Batch(20_000, DataSize.ofMegabytes(8)),
                                Duration.ofSeconds(60),
                                Duration.ofDays(30),
                                RetentionAction.DROP,
                                "archive",
                                TableLayout.NATIVE,
                                Duration.ofDays(7),
                                Duration.ofDays(1),
                                Duration.ofDays(1),
                                new FinishedDays(
                                        List.of(), Duration.ofHours(1), DataSize.ofMegabytes(64), Duration.ofHours(6)),
                                true,
                                "",
                                ""),
                        new Syslog(ZoneId.of("UTC")),
                        new Json(64),
                        new Forward(DataSize.ofMegabytes(9), DataSize.ofMegabytes(25), Duration.ofDays(1)),
                        new AdminProperties(AdminProperties.Page.ON, Map.of()))));
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
                        "sluice.pipeline.processors-file=rules.yaml",
                        "sluice.store.lanes=5",
                        "sluice.store.batch.max-events=600",
                        "sluice.store.batch.max-bytes=1MB",
                        "sluice.store.batch-deadline=7s",
                        "sluice.store.retention=8d",
                        "sluice.store.retention-action=detach",
                        "sluice.store.archive-schema=old",
                        "sluice.store.layout=external",
                        "sluice.store.partitions-ahead=9d",
                        "sluice.store.ledger-retention=10h",
                        "sluice.store.removal-step=2d",
                        "sluice.store.finished-days.indexes[0]=errors",
                        "sluice.store.finished-days.indexes[1]=(app, received_at)",
                        "sluice.store.finished-days.after=3h",
                        "sluice.store.finished-days.memory=65MB",
                        "sluice.store.finished-days.timeout=4h",
                        "sluice.store.migrate=false",
                        "sluice.store.schema-username=owner",
                        "sluice.store.schema-password=secret",
                        "sluice.syslog.zone=Europe/Berlin",
                        "sluice.json.max-depth=11",
                        "sluice.forward.max-chunk=2MB",
                        "sluice.forward.max-inflated=3MB",
                        "sluice.forward.remember=4h",
                        "sluice.admin.page=management",
                        "sluice.admin.users.ann.password={noop}pw",
                        "sluice.admin.users.ann.roles=look,replay")
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
                                new Pipeline(DataSize.ofMegabytes(32), 3, Duration.ofSeconds(4), "rules.yaml"),
                                new Store(
                                        5,
                                        new Batch(600, DataSize.ofMegabytes(1)),
                                        Duration.ofSeconds(7),
                                        Duration.ofDays(8),
                                        RetentionAction.DETACH,
                                        "old",
                                        TableLayout.EXTERNAL,
                                        Duration.ofDays(9),
                                        Duration.ofHours(10),
                                        Duration.ofDays(2),
                                        new FinishedDays(
                                                List.of("errors", "(app, received_at)"),
                                                Duration.ofHours(3),
                                                DataSize.ofMegabytes(65),
                                                Duration.ofHours(4)),
                                        false,
                                        "owner",
                                        "secret"),
                                new Syslog(ZoneId.of("Europe/Berlin")),
                                new Json(11),
                                new Forward(DataSize.ofMegabytes(2), DataSize.ofMegabytes(3), Duration.ofHours(4)),
                                new AdminProperties(
                                        AdminProperties.Page.MANAGEMENT,
                                        Map.of(
                                                "ann",
                                                new AdminProperties.User(
                                                        "{noop}pw",
                                                        List.of(
                                                                AdminProperties.Role.LOOK,
                                                                AdminProperties.Role.REPLAY)))))));
    }

    /** As YAML has them: unquoted, on and off are no text there. */
    @Test
    void thePageMayBeSwitchedOffByAnUnquotedWord() {
        runner.withInitializer(context -> context.getEnvironment()
                        .getPropertySources()
                        .addFirst(new MapPropertySource("yaml", Map.of("sluice.admin.page", false))))
                .run(context -> assertThat(
                                context.getBean(SluiceProperties.class).admin().page())
                        .isEqualTo(AdminProperties.Page.OFF));
    }

    @Test
    void aUserLooksAndHasNoPasswordInTheLog() {
        runner.withPropertyValues("sluice.admin.users.ann.password={noop}secret")
                .run(context -> {
                    AdminProperties admin =
                            context.getBean(SluiceProperties.class).admin();
                    assertThat(admin.users().get("ann").roles()).containsExactly(AdminProperties.Role.LOOK);
                    assertThat(admin.toString()).doesNotContain("secret");
                });
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
            sluice.listeners.main.max-frame | 100B | sluice.listeners.main.max-frame is 100B, expected between 1KB and 16MB
            sluice.listeners.main.max-frame | 17MB | sluice.listeners.main.max-frame is 17MB, expected between 1KB and 16MB
            sluice.pipeline.drain-timeout | 2s | sluice.pipeline.drain-timeout is 2s, expected at least 3s
            sluice.pipeline.memory | 1MB | sluice.pipeline.memory is 1MB, expected between 4MB and 64GB
            sluice.store.batch.max-bytes | 1KB | sluice.store.batch.max-bytes is 1KB, expected between 64KB and 256MB
            sluice.store.lanes | 0 | sluice.store.lanes is 0, which must be at least 1
            sluice.store.finished-days.timeout | 2d | sluice.store.finished-days.timeout is 2d, expected between 1m and 1d
            sluice.store.finished-days.memory | 1KB | sluice.store.finished-days.memory is 1KB, expected between 1MB and 64GB
            sluice.store.finished-days.after | -1s | sluice.store.finished-days.after is -1s, expected at least 0s
            sluice.store.finished-days.indexes | tirgram | sluice.store.finished-days.indexes has "tirgram", expected one of time, errors, host-time, host-errors, app-time, attributes, trigram, or what follows the table in CREATE INDEX, such as "(app, received_at)" or "using gin (..)"; what has a comma is an item of its own: indexes[0]
            sluice.store.batch.max-events | 0 | sluice.store.batch.max-events is 0, which must be at least 1
            sluice.pipeline.workers | 257 | sluice.pipeline.workers is 257, which must be at most 256
            sluice.json.max-depth | 513 | sluice.json.max-depth is 513, which must be at most 512
            sluice.listeners.main.forward.shared-key | k | sluice.listeners.main.forward.shared-key is set and protocol is auto, expected forward: with a shared key the server speaks first, so the protocol cannot be told from what the shipper sends
            sluice.listeners.main.tls.client-auth | need | sluice.listeners.main.tls.client-auth is need and mode required, but bundle is empty, expected the name of an SSL bundle under spring.ssl.bundle
            sluice.listeners.main.tls.mode | optional | sluice.listeners.main.tls.client-auth is none and mode optional, but bundle is empty, expected the name of an SSL bundle under spring.ssl.bundle
            sluice.listeners.main.tls.handshake-timeout | 1ms | sluice.listeners.main.tls.handshake-timeout is 1ms, expected between 100ms and 10m
            sluice.listeners.main.tls.mode | ktls | sluice.listeners.main.tls.mode is "ktls", expected one of required, optional
            sluice.forward.max-chunk | 1KB | sluice.forward.max-chunk is 1KB, expected between 64KB and 256MB
            sluice.forward.max-inflated | 1KB | sluice.forward.max-inflated is 1KB, expected between 1MB and 1GB
            sluice.forward.remember | -1s | sluice.forward.remember is -1s, expected at least 0s
            sluice.listeners.main.port | 65536 | sluice.listeners.main.port is 65536, which must be at most 65535
            sluice.listeners.main.protocol | gopher | sluice.listeners.main.protocol is "gopher", expected one of auto, syslog, json, gelf, relp, lumberjack, forward
            sluice.listeners.main.allow[0] | 10.0.0.0/33 | sluice.listeners.main.allow[0]: 10.0.0.0/33 is no network, expected an address and the length of a prefix, such as 10.0.0.0/8 or fd00::/8
            sluice.listeners.main.allow[0] | 10.0.0.1/8 | sluice.listeners.main.allow[0]: 10.0.0.1/8 has bits set after its prefix, expected 10.0.0.0/8
            sluice.listeners.main.allow[0] | example.org | sluice.listeners.main.allow[0]: example.org is no network, expected an address and the length of a prefix, such as 10.0.0.0/8 or fd00::/8
            sluice.listeners.main.max-rate | 1B | sluice.listeners.main.max-rate is 1B, expected between 1KB and 100GB
            sluice.listeners.main.max-age | 1ms | sluice.listeners.main.max-age is 1ms, expected 0 or between 100ms and 365d
            sluice.listeners.main.max-age | 366d | sluice.listeners.main.max-age is 366d, expected 0 or between 100ms and 365d
            sluice.listeners.main.idle-timeout | 366d | sluice.listeners.main.idle-timeout is 366d, expected 0 or between 100ms and 365d
            sluice.listeners.main.first-byte-timeout | 366d | sluice.listeners.main.first-byte-timeout is 366d, expected 0 or between 100ms and 365d
            sluice.listeners.main.idle-timeout | -1s | sluice.listeners.main.idle-timeout is -1s, expected 0 or between 100ms and 365d
            sluice.listeners.main.first-byte-timeout | 1ms | sluice.listeners.main.first-byte-timeout is 1ms, expected 0 or between 100ms and 365d
            sluice.listeners.main.max-connections-per-source | -1 | sluice.listeners.main.max-connections-per-source is -1, which must be at least 0
            sluice.listeners.main.proxy-protocol-from | ::1 | sluice.listeners.main.proxy-protocol-from is [0:0:0:0:0:0:0:1/128] and proxy-protocol is off, expected required: nobody is believed without it
            sluice.syslog.zone | Nowhere | sluice.syslog.zone is "Nowhere", expected a zone, such as Europe/Berlin
            sluice.pipeline.memory | lots | sluice.pipeline.memory is "lots", expected a size, such as 64MB
            sluice.pipeline.drain-timeout | soon | sluice.pipeline.drain-timeout is "soon", expected a time, such as 30s
            sluice.pipeline.workers | many | sluice.pipeline.workers is "many", expected a whole number
            sluice.store.retention | 0s | sluice.store.retention is 0s, expected at least 1d
            sluice.store.ledger-retention | 59m | sluice.store.ledger-retention is 59m, expected at least 1h
            sluice.store.retention-action | keep | sluice.store.retention-action is "keep", expected one of drop, detach
            sluice.store.archive-schema | a"b | sluice.store.archive-schema is "a"b", expected a name of letters, digits and underscores
            sluice.store.archive-schema | a$archive$ | sluice.store.archive-schema is "a$archive$", expected a name of letters, digits and underscores
            sluice.store.migrate | maybe | sluice.store.migrate is "maybe", expected true or false
            sluice.store.schema-password | secret | sluice.store.schema-password is set, but schema-username is not
            sluice.admin.page | nowhere | sluice.admin.page is "nowhere", expected one of on, off, management
            sluice.admin.users.ann.password | secret | sluice.admin.users.ann.password is not encoded, expected {bcrypt} and what "htpasswd -nBC 10 NAME" prints after the colon (cost 4 to 14), or {noop} and the password itself
            sluice.admin.users.ann.password | {noop} | sluice.admin.users.ann.password is not encoded, expected {bcrypt} and what "htpasswd -nBC 10 NAME" prints after the colon (cost 4 to 14), or {noop} and the password itself
            sluice.admin.users.ann.password | {bcrypt}$2y$31$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZabcde | sluice.admin.users.ann.password is not encoded, expected {bcrypt} and what "htpasswd -nBC 10 NAME" prints after the colon (cost 4 to 14), or {noop} and the password itself
            sluice.store.batch-deadline | 0s | sluice.store.batch-deadline is 0s, expected at least 1ms
            """)
    void aBadValueIsSaidInOneLine(String property, String value, String said) {
        runner.withPropertyValues(property + "=" + value).run(context -> {
            assertThat(context).hasFailed();
            FailureAnalysis analysis = new BindErrors().analyze(context.getStartupFailure());
            assertThat(analysis).isNotNull();
            assertThat(analysis.getDescription()).isEqualTo(said);
        });
    }

    /** A listener with nothing switched on. */
    private static ListenerProperties plain(int port, DataSize maxFrame) {
        return new ListenerProperties(
                "0.0.0.0",
                port,
                ListenerProtocol.AUTO,
                0,
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
