package dev.sluice.store;

import static java.util.Objects.requireNonNull;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Sees to it that every event finds its day: makes the days ahead, and removes what is older than it is to be kept. It
 * never stops COPY: no statement of it takes or waits for a lock that conflicts with writing, and each gives up waiting
 * after {@link #LOCK_TIMEOUT}. All replicas run it; days are made under a short lock, and one replica at a time
 * removes.
 */
public final class PartitionKeeper {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionKeeper.class);
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration PASS_TIMEOUT = Duration.ofMinutes(10);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration INTERVAL = Duration.ofHours(1);
    private static final Duration INTERVAL_AFTER_FAILURE = Duration.ofMinutes(1);
    private static final Duration INTERVAL_WHILE_AWAY = Duration.ofSeconds(1);
    private static final int MISSING_DAYS_BACK = 7;
    private static final int CHUNK_ROWS = 5_000;

    /** Advisory locks are numbers; these two are ours, in the database that holds the tables. */
    private static final long MAKE_LOCK = 0x736c7569_63650001L;

    private static final long REMOVE_LOCK = 0x736c7569_63650002L;

    private final ConnectionFactory connections;
    private final PartitionSettings settings;
    private final InstantSource clock;
    private volatile @Nullable Instant horizon;

    /** A keeper that opens a connection of its own for each pass. */
    public PartitionKeeper(ConnectionFactory connections, PartitionSettings settings, InstantSource clock) {
        this.connections = connections;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * Seconds for which rows have a place, as of the last pass; negative when the time has passed, not a number when no
     * pass has seen the tables yet.
     */
    public double horizonSeconds() {
        Instant end = horizon;
        return end == null ? Double.NaN : (end.toEpochMilli() - clock.millis()) / 1000.0;
    }

    /**
     * One pass. It fails when a day cannot be made; when something cannot be removed it says so in the log, and the
     * next pass tries again.
     */
    public Mono<Void> run() {
        return withConnection(connection -> makeDays(connection, -1)
                .then(Mono.defer(() -> catalog(connection)))
                .doOnNext(days -> horizon = days.horizon(clock.instant()))
                .flatMap(days -> removeAlone(connection, days)));
    }

    /** Passes for ever, an hour apart, sooner after a failure; it begins with the wait and never completes. */
    public Mono<Void> runForever() {
        return Mono.defer(() -> Mono.delay(INTERVAL).then(runUntilDone()))
                .repeat()
                .then();
    }

    private Mono<Void> runUntilDone() {
        return run().onErrorResume(failure -> {
            LOG.warn(
                    "The partitions ahead could not be made, next attempt in {}: {}",
                    INTERVAL_AFTER_FAILURE,
                    failure.getMessage());
            return Mono.delay(INTERVAL_AFTER_FAILURE).then(Mono.defer(this::runUntilDone));
        });
    }

    /** The first pass, which waits for a database that is away; it fails when that answers and refuses. */
    public Mono<Void> runWhenPossible() {
        return Mono.defer(this::run)
                .retryWhen(Retry.fixedDelay(Long.MAX_VALUE, INTERVAL_WHILE_AWAY)
                        .filter(PartitionKeeper::isPassing)
                        .doBeforeRetry(retry -> LOG.warn(
                                "The partitions ahead could not be made yet: {}",
                                retry.failure().getMessage())));
    }

    private static boolean isPassing(Throwable failure) {
        return switch (WriteFailure.of(failure)) {
            case WriteFailure.Reconnect gone -> true;
            case WriteFailure.Retry busy -> true;
            default -> false;
        };
    }

    /** Makes the days around today and removes nothing, for rows that found no place: they may have waited long. */
    public Mono<Void> makeMissing() {
        int back = (int) Math.min(settings.retention().toDays(), MISSING_DAYS_BACK);
        return withConnection(connection -> makeDays(connection, -back));
    }

    private Mono<Void> makeDays(Connection connection, int first) {
        Instant now = clock.instant();
        return catalog(connection)
                .flatMapMany(days -> Flux.fromStream(IntStream.rangeClosed(first, settings.daysAhead())
                                .mapToObj(offset -> DayPartition.of(now.plus(Duration.ofDays(offset)))))
                        .concatMap(day -> make(connection, days, day), 1))
                .then();
    }

    private static Mono<Void> make(Connection connection, PartitionCatalog days, DayPartition day) {
        if (days.isAttached(day)) {
            return Mono.empty();
        }
        Mono<Void> detached =
                days.state(day).filter(PartitionCatalog.State.PENDING::equals).isPresent()
                        ? execute(connection, day.finalizeSql()).then()
                        : Mono.empty();
        return detached.then(Mono.defer(() -> execute(connection, day.createSql(MAKE_LOCK))))
                .then();
    }

    /** Another replica may be at it already; then there is nothing to do. The lock goes with the connection. */
    private Mono<Void> removeAlone(Connection connection, PartitionCatalog days) {
        return value(connection, "select pg_try_advisory_lock(" + REMOVE_LOCK + ")", Boolean.class)
                .filter(Boolean::booleanValue)
                .flatMap(locked -> remove(connection, days));
    }

    private Mono<Void> remove(Connection connection, PartitionCatalog days) {
        Instant now = clock.instant();
        Instant oldest = now.minus(settings.retention());
        Mono<Void> partitions = Flux.fromIterable(days.endedBefore(oldest))
                .concatMap(day -> removeDay(connection, days, day), 1)
                .then();
        return logged("partitions", partitions)
                .then(logged(
                        "ledger", prune(connection, "ingest_batch", "committed_at", now.minus(settings.ledgerAge()))))
                .then(logged(
                        "deliveries",
                        prune(connection, "ingest_delivery", "committed_at", now.minus(settings.deliveryAge()))))
                .then(logged("dead letters", prune(connection, "dead_letter", "received_at", oldest)));
    }

    private static Mono<Void> removeDay(Connection connection, PartitionCatalog days, DayPartition day) {
        Mono<Long> detach =
                switch (days.state(day).orElse(PartitionCatalog.State.DETACHED)) {
                    case ATTACHED -> execute(connection, day.detachSql());
                    case PENDING -> execute(connection, day.finalizeSql());
                    case DETACHED -> Mono.just(0L);
                };
        return detach.then(Mono.defer(() -> execute(connection, day.dropSql())))
                .doOnSuccess(done -> LOG.info("Removed {}: it is older than events are kept", day.table()))
                .then();
    }

    /** A piece at a time, so that no transaction is long. */
    private static Mono<Void> prune(Connection connection, String table, String time, Instant oldest) {
        Mono<Long> piece = Mono.defer(() -> execute(
                connection,
                "delete from %1$s where ctid = any(array(select ctid from %1$s where %2$s < '%3$s' limit %4$d))"
                        .formatted(table, time, oldest, CHUNK_ROWS)));
        return piece.expand(deleted -> deleted < CHUNK_ROWS ? Mono.empty() : piece)
                .then();
    }

    private static Mono<Void> logged(String what, Mono<Void> removal) {
        return removal.onErrorResume(failure -> {
            LOG.warn("Old {} could not be removed, the next pass tries again: {}", what, failure.getMessage());
            return Mono.empty();
        });
    }

    private static Mono<PartitionCatalog> catalog(Connection connection) {
        return Flux.from(connection.createStatement(PartitionCatalog.QUERY).execute())
                .concatMap(result -> result.map(PartitionKeeper::table))
                .collectList()
                .map(PartitionCatalog::of);
    }

    private static PartitionCatalog.Row table(Readable row) {
        String name = requireNonNull(row.get("name", String.class));
        String state = requireNonNull(row.get("state", String.class));
        return new PartitionCatalog.Row(name, PartitionCatalog.State.valueOf(state));
    }

    private static <T> Mono<T> value(Connection connection, String sql, Class<T> type) {
        return Flux.from(connection.createStatement(sql).execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0, type)))
                .last();
    }

    /** Runs a statement to its end; the number of rows that it changed. */
    private static Mono<Long> execute(Connection connection, String sql) {
        return Flux.from(connection.createStatement(sql).execute())
                .concatMap(result -> result.getRowsUpdated())
                .reduce(0L, Long::sum);
    }

    /** A connection of its own, because detaching must stand outside of a transaction and may wait. */
    private Mono<Void> withConnection(Function<Connection, Mono<Void>> work) {
        return Mono.usingWhen(
                        connections.create(),
                        connection -> execute(connection, "set lock_timeout = " + LOCK_TIMEOUT.toMillis())
                                .then(Mono.defer(() -> work.apply(connection))),
                        PartitionKeeper::close)
                .timeout(PASS_TIMEOUT);
    }

    private static Mono<Void> close(Connection connection) {
        return Mono.from(connection.close()).timeout(CLOSE_TIMEOUT).onErrorComplete();
    }
}
