package dev.sluice.store.schema;

import static java.util.Objects.requireNonNull;

import dev.sluice.store.database.TableHome;
import dev.sluice.store.database.TableLayout;
import dev.sluice.store.failure.WriteFailure;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A connection for what keeps the tables in order: one statement at a time, each read to its end. */
final class KeeperSession {

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    /** Bounds of partitions are read as text, and COPY must never wait for long after one of these statements. */
    private static final String SETTINGS =
            "set timezone = 'UTC'; set datestyle = 'ISO'; set lock_timeout = '2s'; " + TableHome.NO_TIMEOUTS;

    private final KeeperDatabase database;
    private final Connection connection;

    private KeeperSession(KeeperDatabase database, Connection connection) {
        this.database = database;
        this.connection = connection;
    }

    /** Opens a connection for some work and closes it afterwards: detaching must stand outside of a transaction. */
    static <T> Mono<T> with(KeeperDatabase database, Duration timeout, Function<KeeperSession, Mono<T>> work) {
        return Mono.usingWhen(
                        Mono.defer(() -> Mono.from(database.connections().create())),
                        connection -> {
                            KeeperSession session = new KeeperSession(database, connection);
                            return session.execute(SETTINGS).then(Mono.defer(() -> work.apply(session)));
                        },
                        KeeperSession::close)
                .timeout(timeout);
    }

    /** Whether Citus distributes the tables. */
    boolean isDistributed() {
        return database.home().layout() == TableLayout.CITUS;
    }

    /** Runs a statement to its end; the number of rows that it changed. It names tables by {@link TableHome}. */
    Mono<Long> execute(String sql) {
        return Mono.defer(() -> Flux.from(
                        connection.createStatement(database.home().in(sql)).execute())
                .concatMap(Result::getRowsUpdated)
                .reduce(0L, Long::sum));
    }

    /** The rows of a query. */
    <T> Flux<T> rows(String sql, Function<Readable, T> mapping) {
        return Flux.defer(() -> Flux.from(
                        connection.createStatement(database.home().in(sql)).execute())
                .concatMap(result -> result.map((row, metadata) -> mapping.apply(row))));
    }

    /**
     * Runs a statement that may have to wait for locks, but not for longer than this. When it gives up, the error names
     * those who hold what it waited for.
     */
    Mono<Long> executePatiently(String sql, Duration patience) {
        return Mono.defer(() -> {
            LockWait wait = new LockWait(database);
            return execute("set lock_timeout = " + patience.toMillis())
                    .then(rows("select pg_backend_pid()", row -> requireNonNull(row.get(0, Integer.class)))
                            .last())
                    .flatMap(pid -> execute(sql).doOnSubscribe(begun -> wait.watch(pid, patience.dividedBy(2))))
                    .onErrorMap(wait::explain)
                    .doFinally(signal -> wait.end());
        });
    }

    /** Whether a server that is up gave the reason: then the next thing is worth a try. */
    static boolean isAnswer(Throwable failure) {
        return WriteFailure.of(failure).cause().answered();
    }

    private static Mono<Void> close(Connection connection) {
        return Mono.from(connection.close()).timeout(CLOSE_TIMEOUT).onErrorComplete();
    }
}
