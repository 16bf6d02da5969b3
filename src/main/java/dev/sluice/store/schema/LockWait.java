package dev.sluice.store.schema;

import static java.util.Objects.requireNonNull;

import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcTransientResourceException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/** Finds out whom a statement waits for, while it waits: afterwards nothing tells any more. */
final class LockWait {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final KeeperDatabase database;
    private final Disposable.Swap look = Disposables.swap();
    private volatile List<String> blockers = List.of();

    LockWait(KeeperDatabase database) {
        this.database = database;
    }

    /** Looks after a while whether the session waits; the first answer counts. */
    void watch(int pid, Duration after) {
        look.replace(Mono.delay(after)
                .then(KeeperSession.with(
                        database,
                        TIMEOUT,
                        other -> other.rows(blockersSql(pid), row -> requireNonNull(row.get(0, String.class)))
                                .collectList()))
                .subscribe(found -> blockers = found, unable -> {
                    // The statement that waits says itself what became of it.
                }));
    }

    /** No texts of queries: they may hold what nobody wants in a log. */
    private static String blockersSql(int pid) {
        return """
                select format('pid %%s (user %%s, application %%s, %%s since %%s)',
                              a.pid, a.usename, coalesce(nullif(a.application_name, ''), '-'), coalesce(a.state, a.backend_type),
                              coalesce(a.xact_start, a.backend_start)) as blocker
                from pg_stat_activity a where a.pid = any(pg_blocking_pids(%d)) order by a.pid limit 5""".formatted(pid);
    }

    /** The statement is over. */
    void end() {
        look.dispose();
    }

    /** An error that names the blockers, if it is about a lock and there were any. */
    Throwable explain(Throwable error) {
        return error instanceof R2dbcException database
                        && LOCK_NOT_AVAILABLE.equals(database.getSqlState())
                        && !blockers.isEmpty()
                ? new R2dbcTransientResourceException(
                        message(database.getMessage()), LOCK_NOT_AVAILABLE, database.getErrorCode(), database)
                : error;
    }

    private String message(@Nullable String reason) {
        return reason + ", it waited for " + String.join(" and ", blockers);
    }
}
