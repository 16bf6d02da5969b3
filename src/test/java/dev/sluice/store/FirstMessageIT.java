package dev.sluice.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.store.database.HostAddress;
import dev.sluice.store.database.LaneLoop;
import dev.sluice.testing.PostgresExtension;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;
import reactor.netty.resources.LoopResources;

final class FirstMessageIT {

    @RegisterExtension
    static final PostgresExtension POSTGRES = PostgresExtension.shared();

    /** What others sent would have the source "client", as the name of the application has. */
    @Test
    void whatPoolersRefuseIsNotSent() {
        LoopResources loops = LoopResources.create("first-message", 1, 1, true, false);
        try {
            var hosts = StoreFixture.hosts(POSTGRES, List.of(new HostAddress(POSTGRES.host(), POSTGRES.port())));
            List<String> sources = hosts.connect(new LaneLoop(loops))
                    .flatMap(open -> Flux.from(open.connection()
                                    .createStatement("select source from pg_settings where name in"
                                            + " ('application_name', 'extra_float_digits') order by name")
                                    .execute())
                            .concatMap(result -> result.map((row, metadata) -> row.get(0, String.class)))
                            .collectList()
                            .flatMap(found -> open.connection().close().thenReturn(found)))
                    .block(StoreFixture.LIMIT);

            assertThat(sources).containsExactly("client", "default");
        } finally {
            loops.dispose();
        }
    }
}
