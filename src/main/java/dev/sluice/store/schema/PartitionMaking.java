package dev.sluice.store.schema;

import static java.time.ZoneOffset.UTC;
import static java.util.Objects.requireNonNull;

import dev.sluice.store.failure.WriteFailure;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Makes partitions that are not there, without ever stopping COPY. */
final class PartitionMaking {

    private static final Duration LOCK_PATIENCE = Duration.ofSeconds(2);

    /** Somebody else's snapshots have to end before a half-made detach can be completed; COPY goes on meanwhile. */
    private static final Duration FINALIZE_PATIENCE = Duration.ofSeconds(10);

    /** Advisory locks are numbers; this one is ours, in the database that holds the tables. */
    private static final long LOCK = 0x736c7569_63650001L;

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private PartitionMaking() {}

    /** The days around an instant; yesterday's unless its table is there and somebody detached it. */
    static Mono<Void> around(KeeperSession session, Instant now, int daysAhead) {
        LocalDate today = LocalDate.ofInstant(now, UTC);
        DayPartition yesterday = new DayPartition(today.minusDays(1));
        Set<LocalDate> days =
                new TreeSet<>(today.datesUntil(today.plusDays(daysAhead + 1L)).toList());
        return session.rows(yesterday.isNameTakenSql(), row -> requireNonNull(row.get(0, Boolean.class)))
                .single()
                .doOnNext(taken -> {
                    if (!taken) {
                        days.add(yesterday.day());
                    }
                })
                .then(Mono.defer(() -> make(session, days)));
    }

    /** Makes those of the days that have no place; one that cannot be made keeps no other from it. */
    static Mono<Void> make(KeeperSession session, Collection<LocalDate> days) {
        return catalog(session)
                .flatMapMany(catalog -> Flux.fromIterable(days)
                        .map(DayPartition::new)
                        .filter(day -> !catalog.gaps(day).isEmpty())
                        .concatMap(
                                day -> make(session, catalog, day)
                                        .then(Mono.<Throwable>empty())
                                        .onErrorResume(PartitionMaking::isOfTheDay, Mono::just),
                                1))
                .collectList()
                .flatMap(failures -> failures.isEmpty() ? Mono.empty() : Mono.error(failures.getFirst()));
    }

    /** Who locks the whole table is waited for once, and not for each day. */
    private static boolean isOfTheDay(Throwable failure) {
        boolean locked = WriteFailure.of(failure).cause().sqlState().equals(LOCK_NOT_AVAILABLE);
        return failure instanceof HalfDetachedException || (!locked && KeeperSession.isAnswer(failure));
    }

    /** The partitions that there are. */
    static Mono<PartitionCatalog> catalog(KeeperSession session) {
        return session.rows(PartitionCatalog.QUERY, PartitionCatalog.Row::of)
                .collectList()
                .map(PartitionCatalog::new);
    }

    private static Mono<Void> make(KeeperSession session, PartitionCatalog catalog, DayPartition day) {
        Mono<Long> outOfTheWay = Mono.justOrEmpty(catalog.pending(day)).flatMap(half -> finishDetach(session, half));
        return outOfTheWay
                .thenMany(Flux.fromIterable(catalog.gaps(day)))
                .concatMap(gap -> session.executePatiently(day.createSql(LOCK, gap), LOCK_PATIENCE), 1)
                .then();
    }

    /** Completes a detach that was begun. */
    static Mono<Long> finishDetach(KeeperSession session, PartitionCatalog.Row half) {
        return session.executePatiently(
                        "alter table {home}.log_event detach partition " + half.name() + " finalize", FINALIZE_PATIENCE)
                .onErrorMap(failure -> new HalfDetachedException(half.name(), failure));
    }

    /** Somebody began to detach a partition that is needed; nothing can take its rows until that is over. */
    private static final class HalfDetachedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        HalfDetachedException(String table, Throwable cause) {
            super(
                    table + " is half detached by somebody, and its rows have no place until that is completed: "
                            + cause.getMessage(),
                    cause);
        }
    }
}
