package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginTrackedValue;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class UnknownPropertiesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sluice.pipeline.memory",
                "sluice.pipeline.drainTimeout",
                "SLUICE.pipeline.drain_timeout",
                "sluice.listeners.main.max-connections",
                "sluice.listeners[a.b].port",
                "sluice.listeners.main.allow",
                "sluice.listeners.main.allow[0]",
                "sluice.listeners.main.forward.users.alice",
                "sluice.listeners.main.forward.users[a.b]",
                "sluice.listeners.main.tls.handshake-timeout",
                "sluice.pipeline.processors[0].enrich.fields.team_name",
                "sluice.store.batch.max-events",
                "sluice.dry-run",
                "sluice.development.data-directory",
                "sluice.jar",
                "sluiced.memory",
                "server.prot"
            })
    void everyWayInWhichSpringTakesANameIsKnown(String name) {
        assertThatCode(() -> UnknownProperties.check(of(Map.of(name, "1"), Map.of())))
                .doesNotThrowAnyException();
    }

    @Test
    void aGroupWithoutAnythingInItSaysNothing() {
        assertThatCode(() -> UnknownProperties.check(of(Map.of("sluice.store", "", "sluice.listeners", ""), Map.of())))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> UnknownProperties.check(of(Map.of("sluice.stor", ""), Map.of())))
                .hasMessageContaining("sluice.stor");
    }

    @Test
    void anEmptyMapSaysNothingAndMayHaveNoName() {
        assertThatCode(() -> UnknownProperties.check(of(
                        Map.of("sluice.listeners.main.forward.users", "", "sluice.store", Map.of()),
                        Map.of("SLUICE_LISTENERS_MAIN_FORWARD_USERS", ""))))
                .doesNotThrowAnyException();
    }

    @Test
    void aListenerInBracketsHasVariables() {
        assertThatCode(() -> UnknownProperties.check(of(
                        Map.of("sluice.listeners[web-apps].port", 1),
                        Map.of("SLUICE_LISTENERS_WEB_APPS_MAXRATE", "1MB"))))
                .doesNotThrowAnyException();
    }

    /** By a placeholder, or as a rule names a variable. */
    @Test
    void whatAValueAsksForIsKnown() {
        Map<String, Object> file = Map.of(
                "spring.r2dbc.url",
                "r2dbc:postgresql://${sluice.db.host}/logs",
                "sluice.db.host",
                "db",
                "sluice.pipeline.processors[0].enrich.environment.node",
                "SLUICE_NODE",
                "spring.r2dbc.username",
                "${SLUICE_DB_USER:sluice}");
        assertThatCode(() -> UnknownProperties.check(of(file, Map.of("SLUICE_NODE", "n1", "SLUICE_DB_USER", "u"))))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> UnknownProperties.check(of(file, Map.of("SLUICE_DB", "x"))))
                .hasMessageContaining("SLUICE_DB is unknown");
    }

    @Test
    void whatTheFileOfTheRulesMentionsIsKnown(@TempDir Path folder) throws IOException {
        Path rules = Files.writeString(
                folder.resolve("rules.yaml"), "- { name: a, enrich: { environment: { n: SLUICE_NODE } } }");
        Map<String, Object> file = Map.of("sluice.pipeline.processors-file", rules.toString());
        assertThatCode(() -> UnknownProperties.check(of(file, Map.of("SLUICE_NODE", "n1"))))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> UnknownProperties.check(of(file, Map.of("SLUICE_NODE_NAME", "x"))))
                .hasMessageContaining("SLUICE_NODE_NAME is unknown");
    }

    @ParameterizedTest
    @CsvSource({
        "sluice.pipeline.memroy, sluice.pipeline.memory",
        "SLUICE.pipeline.memroy, sluice.pipeline.memory",
        "sluice.memroy, sluice.pipeline.memory",
        "sluice.max-frames, sluice.listeners.main.max-frame",
        "sluice.memory, sluice.pipeline.memory",
        "sluice.listener.apps.port, sluice.listeners.apps.port",
        "sluice.listeners.apps.max-conections, sluice.listeners.apps.max-connections",
        "sluice.store.max-events, sluice.store.batch.max-events",
        "sluice.store.lane, sluice.store.lanes",
        "sluice.store.lanes.x, sluice.store.lanes",
    })
    void anUnknownNameIsSaidWithTheNearest(String name, String nearest) {
        assertThatThrownBy(() -> UnknownProperties.check(of(Map.of(name, "1"), Map.of())))
                .isInstanceOf(StartupException.class)
                .hasMessage(name + " is unknown; did you mean " + nearest + "?");
    }

    @ParameterizedTest
    @CsvSource({
        "SLUICE_PIPELINE_MEMORY, 64MB",
        "SLUICE_PIPELINE_DRAINTIMEOUT, 15s",
        "SLUICE_PIPELINE_DRAIN_TIMEOUT, 15s",
        "SLUICE_LISTENERS_MAIN_MAXCONNECTIONS, 1",
        "SLUICE_LISTENERS_WEB_APPS_PORT, 1",
        "SLUICE_LISTENERS_MAIN_ALLOW_0, ::1",
        "SLUICE_LISTENERS_MAIN_FORWARD_USERS_ALICE, secret",
        "SLUICE_PIPELINE_PROCESSORS_0_REDACT_EXPRESSIONS_0, x",
        "SLUICE_DB_URL, of a placeholder",
        // of Kubernetes, for Services called sluice and sluice-http
        "SLUICE_SERVICE_HOST, 10.0.0.1",
        "SLUICE_SERVICE_PORT, 5140",
        "SLUICE_TEST_DATABASE, embedded",
        "SLUICE_SERVICE_PORT_SHIPPERS, 5140",
        "SLUICE_PORT_514_UDP, udp://10.0.0.1:514",
        "SLUICE_PORT_9_SCTP_PORT, 9",
        "SLUICE_DNS_PORT, udp://10.0.0.1:53",
        "SLUICE_DIAMETER_PORT, sctp://10.0.0.1:3868",
        "SLUICE_PORT, tcp://10.0.0.1:5140",
        "SLUICE_PORT_5140_TCP, tcp://10.0.0.1:5140",
        "SLUICE_PORT_5140_TCP_PROTO, tcp",
        "SLUICE_PORT_5140_TCP_PORT, 5140",
        "SLUICE_PORT_5140_TCP_ADDR, 10.0.0.1",
        "SLUICE_HTTP_SERVICE_HOST, 10.0.0.1",
        "SLUICE_HTTP_PORT, tcp://10.0.0.1:8080",
        "SLUICE_HTTP_PORT_8080_TCP_ADDR, 10.0.0.1",
    })
    void variablesOfSpringOfPlaceholdersAndOfKubernetesAreTaken(String name, String value) {
        Map<String, Object> file = Map.of("spring.r2dbc.url", "${SLUICE_DB_URL}", "sluice.listeners.web-apps.port", 1);
        assertThatCode(() -> UnknownProperties.check(of(file, Map.of(name, value))))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "SLUICE_PIPELINE_MEMROY, SLUICE_PIPELINE_MEMORY",
        "SLUICE_MEMORY, SLUICE_PIPELINE_MEMORY",
        "SLUICE_PIPELINE_DRAINTIMEOT, SLUICE_PIPELINE_DRAINTIMEOUT",
        "SLUICE_PORT, SLUICE_LISTENERS_MAIN_PORT",
        "SLUICE_LISTENER_APPS_PORT, SLUICE_LISTENERS_APPS_PORT",
        "SLUICE_LISTENERS_WEB_APPS_PORT, SLUICE_LISTENERS_WEB_PORT",
    })
    void anUnknownVariableIsSaidWithTheNearest(String name, String nearest) {
        assertThatThrownBy(() -> UnknownProperties.check(of(Map.of(), Map.of(name, "5140"))))
                .hasMessage("The variable " + name + " is unknown; did you mean " + nearest + "?");
    }

    @Test
    void allAreSaidAtOnce() {
        assertThatThrownBy(() ->
                        UnknownProperties.check(of(Map.of("sluice.a", 1, "sluice.b", 1), Map.of("SLUICE_C", "1"))))
                .hasMessageContainingAll("sluice.a", "sluice.b", "SLUICE_C");
    }

    /** Spring takes such a variable, and some shells set one. */
    @Test
    void aVariableWithPointsIsAProperty() {
        assertThatThrownBy(() -> UnknownProperties.check(of(Map.of(), Map.of("sluice.pipeline.memroy", "32MB"))))
                .hasMessageStartingWith("sluice.pipeline.memroy is unknown");
        ConfigurableEnvironment right = of(Map.of(), Map.of("sluice.pipeline.memory", "32MB"));
        assertThatCode(() -> UnknownProperties.check(right)).doesNotThrowAnyException();
        assertThat(Binder.get(right)
                        .bind("sluice.pipeline.memory", String.class)
                        .get())
                .isEqualTo("32MB");
    }

    @Test
    void whereItStandsIsSaid() {
        Origin line = new Origin() {
            @Override
            public String toString() {
                return "application.yml:7";
            }
        };
        ConfigurableEnvironment environment = of(Map.of(), Map.of());
        environment
                .getPropertySources()
                .addFirst(new OriginTrackedMapPropertySource(
                        "yaml", Map.of("sluice.pipeline.memroy", OriginTrackedValue.of("32MB", line))));
        assertThatThrownBy(() -> UnknownProperties.check(environment))
                .hasMessageStartingWith("sluice.pipeline.memroy (application.yml:7) is unknown");
    }

    @Test
    void aFileThatCannotBeReadIsNothingToTheOthers() {
        ConfigurableEnvironment environment = of(Map.of(), Map.of());
        environment.getPropertySources().addFirst(new MapPropertySource("tree", Map.of("other.secret", "x")) {
            @Override
            public Object getProperty(String name) {
                if (containsProperty(name)) {
                    throw new IllegalStateException("permission denied");
                }
                return null;
            }
        });
        assertThatCode(() -> UnknownProperties.check(environment)).doesNotThrowAnyException();
    }

    private static ConfigurableEnvironment of(Map<String, Object> file, Map<String, Object> variables) {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().remove(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME);
        environment
                .getPropertySources()
                .replace(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        new SystemEnvironmentPropertySource("systemEnvironment", variables));
        environment.getPropertySources().addFirst(new MapPropertySource("file", file));
        return environment;
    }
}
