package dev.sluice.store.database;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.time.Duration;
import reactor.core.publisher.Mono;

/**
 * A connection to the host that takes the writes.
 *
 * @param host the host
 * @param timeline what the host writes, as far as it tells
 * @param connection logged in
 * @param sockets the one that it lives on
 */
public record HostConnection(HostAddress host, Timeline timeline, PostgresqlConnection connection, LaneLoop sockets) {

    private static final Duration GRACE = Duration.ofSeconds(1);

    /** Takes leave of the server, for a short while; never fails. */
    Mono<Void> close() {
        return connection
                .close()
                .timeout(GRACE, Mono.empty(), sockets.scheduler())
                .onErrorComplete()
                .doFinally(signal -> sockets.abort());
    }
}
