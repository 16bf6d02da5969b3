package dev.sluice.store;

import dev.sluice.store.database.DatabaseHosts;
import dev.sluice.store.database.HostAddress;
import dev.sluice.store.database.LaneLoop;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * The one connection of a lane, opened when it is asked for, and the limit of time for what is done with it. On the
 * lane's event loop only.
 */
final class LaneSession {

    private static final Duration GRACE = Duration.ofSeconds(5);

    private final LaneLoop loop;
    private final DatabaseHosts hosts;
    private final StoreSettings settings;
    private final StoreObserver observer;
    private final LaneStatus status;

    private @Nullable LaneConnection connection;

    LaneSession(LaneLoop loop, DatabaseHosts hosts, StoreSettings settings, StoreObserver observer, LaneStatus status) {
        this.loop = loop;
        this.hosts = hosts;
        this.settings = settings;
        this.observer = observer;
        this.status = status;
    }

    /** The host that it is with, or null. */
    @Nullable
    HostAddress host() {
        LaneConnection open = connection;
        return open == null ? null : open.host();
    }

    /** The server that it is with, or null. */
    @Nullable
    ServerRun server() {
        LaneConnection open = connection;
        return open == null ? null : open.server();
    }

    /** Runs statements that end with a COMMIT, which counts only where no newer primary was seen meanwhile. */
    Mono<Void> commit(RetryState retry, Function<LaneConnection, Mono<Void>> statements) {
        return ask(
                retry,
                open -> statements
                        .apply(open)
                        .then(Mono.fromRunnable(() -> hosts.requireCurrent(open.host(), open.timeline()))));
    }

    /** Runs statements within the deadline. */
    <T> Mono<T> ask(RetryState retry, Function<LaneConnection, Mono<T>> statements) {
        return connected(retry.deadline(settings.batchDeadline()))
                .flatMap(open -> bounded(statements.apply(open), retry));
    }

    private Mono<LaneConnection> connected(Duration deadline) {
        LaneConnection open = connection;
        if (open != null && loop.isConnected() && !hosts.isOutdated(open.timeline())) {
            status.became(LaneState.WRITING);
            return Mono.just(open);
        }
        drop();
        status.became(LaneState.CONNECTING);
        return LaneConnection.open(hosts, loop, settings.connectTimeout(), deadline)
                .doOnNext(opened -> {
                    connection = opened;
                    observer.connected(opened.isSynchronous());
                    status.became(LaneState.WRITING);
                });
    }

    /**
     * Closes the socket at the deadline, whereupon the driver ends the statement with an error. Should it not, the
     * statement is cancelled after all, and with it forgotten: its connection is not used again.
     */
    private <T> Mono<T> bounded(Mono<T> statements, RetryState retry) {
        return Mono.defer(() -> {
            Duration limit = retry.deadline(settings.batchDeadline());
            Runnable expire = () -> {
                retry.expired();
                loop.abort();
            };
            Disposable deadline = loop.scheduler().schedule(expire, limit.toMillis(), TimeUnit.MILLISECONDS);
            return statements.timeout(limit.plus(GRACE), loop.scheduler()).doFinally(signal -> deadline.dispose());
        });
    }

    /** Ends the transaction, if there is one; never fails. */
    Mono<Void> rolledBack(RetryState retry) {
        LaneConnection open = connection;
        return open == null
                ? Mono.empty()
                : bounded(open.rollback(), retry).onErrorResume(error -> {
                    drop();
                    return Mono.empty();
                });
    }

    /** Closes the socket at once. */
    void drop() {
        connection = null;
        loop.abort();
    }

    /** Takes leave of the server, for a short while; never fails. */
    Mono<Void> close() {
        return Mono.defer(() -> {
                    LaneConnection open = connection;
                    connection = null;
                    return open == null ? Mono.<Void>empty() : open.close();
                })
                .timeout(GRACE, Mono.empty(), loop.scheduler())
                .onErrorComplete()
                .doFinally(signal -> loop.abort());
    }
}
