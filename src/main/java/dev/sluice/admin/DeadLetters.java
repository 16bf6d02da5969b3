package dev.sluice.admin;

import static java.util.Objects.requireNonNull;

import dev.sluice.store.database.TableHome;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The last dead letters, as the table has them. Each question opens a connection of its own, beside those of the lanes;
 * one is asked at a time, and none for long.
 */
public final class DeadLetters {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);
    private static final int LIMIT = 20;
    private static final int LIMIT_MAX = 100;
    private static final int TEXT_MAX = 1024;

    private static final String SETTINGS = "set statement_timeout = '4s'; set default_transaction_read_only = on";

    private static final String QUERY = """
            select received_at, listener, source, protocol, reason, left(detail, %d) as detail,
                   coalesce(octet_length(payload), 0) as bytes, substring(payload from 1 for %d) as payload
            from {home}.dead_letter order by received_at desc limit %%d""".formatted(TEXT_MAX, TEXT_MAX);

    private final ConnectionFactory connections;
    private final TableHome home;
    private final AtomicBoolean isAsked = new AtomicBoolean();

    /**
     * The dead letters of one database.
     *
     * @param home the schema of the tables
     */
    public DeadLetters(ConnectionFactory connections, TableHome home) {
        this.connections = connections;
        this.home = home;
    }

    /**
     * A dead letter, with the beginning of what it keeps as text that is safe to look at.
     *
     * @param bytes how long it is as a whole
     */
    record Letter(
            Instant receivedAt,
            @Nullable String listener,
            @Nullable String source,
            @Nullable String protocol,
            @Nullable String reason,
            @Nullable String detail,
            int bytes,
            String payload) {

        static Letter of(Readable row) {
            byte[] payload = row.get("payload", byte[].class);
            return new Letter(
                    requireNonNull(row.get("received_at", OffsetDateTime.class)).toInstant(),
                    row.get("listener", String.class),
                    row.get("source", String.class),
                    row.get("protocol", String.class),
                    row.get("reason", String.class),
                    row.get("detail", String.class),
                    requireNonNull(row.get("bytes", Integer.class)),
                    payload == null ? "" : PlainText.of(payload));
        }
    }

    /** Where they are shown. */
    public ContentEndpoint endpoint() {
        return new ContentEndpoint(HttpMethod.GET, "/dead-letters", Role.LOOK, this::answer);
    }

    private Mono<ServerResponse> answer(ServerRequest request) {
        String asked = request.queryParam("limit").orElseGet(() -> String.valueOf(LIMIT));
        if (!asked.matches("[1-9]\\d{0,2}") || Integer.parseInt(asked) > LIMIT_MAX) {
            return said(HttpStatus.BAD_REQUEST, "limit is a number from 1 to " + LIMIT_MAX + ".\n");
        }
        return Mono.defer(() -> isAsked.compareAndSet(false, true)
                        ? last(Integer.parseInt(asked)).doFinally(signal -> isAsked.set(false))
                        : Mono.<List<Letter>>empty())
                .flatMap(letters -> ServerResponse.ok()
                        .contentType(MediaType.APPLICATION_JSON)
                        .bodyValue(letters))
                .switchIfEmpty(said(HttpStatus.TOO_MANY_REQUESTS, "Somebody else is asking; ask again.\n"))
                .onErrorResume(failure -> {
                    LOG.warn("The last dead letters could not be read: {}", failure.toString());
                    return said(HttpStatus.SERVICE_UNAVAILABLE, "The database does not answer; the log says why.\n");
                });
    }

    /** The last ones, the newest first. */
    Mono<List<Letter>> last(int limit) {
        return Mono.usingWhen(
                        Mono.defer(() -> Mono.from(connections.create())),
                        connection -> run(connection, SETTINGS)
                                .then()
                                .thenMany(rows(connection, home.in(QUERY.formatted(limit))))
                                .collectList(),
                        DeadLetters::close)
                .timeout(TIMEOUT);
    }

    private static Mono<Long> run(Connection connection, String sql) {
        return Flux.from(connection.createStatement(sql).execute())
                .concatMap(Result::getRowsUpdated)
                .reduce(0L, Long::sum);
    }

    private static Flux<Letter> rows(Connection connection, String sql) {
        return Flux.defer(() -> Flux.from(connection.createStatement(sql).execute())
                .concatMap(result -> result.map((row, metadata) -> Letter.of(row))));
    }

    private static Mono<Void> close(Connection connection) {
        return Mono.from(connection.close()).timeout(CLOSE_TIMEOUT).onErrorComplete();
    }

    private static Mono<ServerResponse> said(HttpStatus status, String text) {
        return ServerResponse.status(status).contentType(MediaType.TEXT_PLAIN).bodyValue(text);
    }
}
