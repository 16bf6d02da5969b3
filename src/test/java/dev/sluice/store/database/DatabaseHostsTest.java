package dev.sluice.store.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import reactor.netty.resources.LoopResources;
import reactor.netty.transport.ClientTransportConfig;

@Isolated("it counts what Reactor Netty keeps for the whole JVM")
class DatabaseHostsTest {

    private final LoopResources loops = LoopResources.create("hosts-test", 1, true);

    @AfterEach
    void end() {
        loops.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block(Duration.ofSeconds(10));
    }

    /** Reactor Netty never gives a resolver back, nor the socket by which it asked: a database may be away for days. */
    @Test
    void lookingForTheServerAgainAndAgainTakesOneResolverOfNames() throws Exception {
        DatabaseHosts away = new DatabaseHosts(
                List.of(new HostAddress("localhost", portOfNobody())),
                host -> PostgresqlConnectionConfiguration.builder()
                        .host(host.name())
                        .port(host.port())
                        .username("nobody")
                        .database("none"),
                Duration.ofSeconds(1),
                new TableHome("public"));
        LaneLoop lane = new LaneLoop(loops);
        int before = resolvers().size();

        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> away.connect(lane).block()).hasMessageContaining("refused");
            assertThatThrownBy(() -> away.primary(loops).block()).hasMessageContaining("refused");
        }

        assertThat(resolvers()).hasSize(before + 1);
    }

    private static Map<?, ?> resolvers() throws ReflectiveOperationException {
        Field kept = ClientTransportConfig.class.getDeclaredField("RESOLVERS_CACHE");
        kept.setAccessible(true);
        return (Map<?, ?>) kept.get(null);
    }

    private static int portOfNobody() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }
}
