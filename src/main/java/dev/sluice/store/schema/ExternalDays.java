package dev.sluice.store.schema;

import static java.time.ZoneOffset.UTC;
import static java.util.Objects.requireNonNull;

import dev.sluice.store.failure.NoPlaceException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Made and removed by others: an extension, or its owner's jobs. No statement here changes a table; all that can be
 * done is to say in time that a place is missing.
 */
final class ExternalDays implements Days {

    private static final Logger LOG = LoggerFactory.getLogger(ExternalDays.class);
    private static final Duration SOON = Duration.ofDays(1);
    private static final String SET = " sluice.store.layout is external: the owner of log_event has to make one";

    /** A partition that takes what has no other. */
    private static final String HAS_DEFAULT = """
            select exists (select from pg_partitioned_table
                           where partrelid = '{home}.log_event'::regclass and partdefid <> 0)""";

    private boolean takesAll;

    @Override
    public Mono<Void> makeAhead(KeeperSession session, Instant now, int daysAhead) {
        return session.rows(HAS_DEFAULT, row -> requireNonNull(row.get(0, Boolean.class)))
                .single()
                .doOnNext(has -> takesAll = has)
                .then();
    }

    /** Somebody may have made them meanwhile. */
    @Override
    public Mono<Void> make(KeeperSession session, Set<LocalDate> days) {
        return PartitionMaking.catalog(session)
                .flatMapIterable(catalog -> days.stream()
                        .filter(day -> !catalog.gaps(new DayPartition(day)).isEmpty())
                        .sorted()
                        .toList())
                .collectList()
                .flatMap(missing -> missing.isEmpty()
                        ? Mono.empty()
                        : Mono.error(
                                new NoPlaceException("log_event has no place for rows of " + missing + ", and" + SET)));
    }

    @Override
    public Optional<Throwable> missing(Instant now, Instant horizon) {
        if (takesAll || horizon.isAfter(now.plus(SOON))) {
            return Optional.empty();
        }
        if (horizon.isAfter(now)) {
            LOG.warn("log_event has no place for rows from {} on, and{}", horizon, SET);
            return Optional.empty();
        }
        return Optional.of(new SchemaMigrationException(
                "log_event has no place for rows of " + LocalDate.ofInstant(now, UTC) + ", and" + SET + "."));
    }

    @Override
    public Mono<Void> note(KeeperSession session) {
        return Mono.empty();
    }

    @Override
    public boolean mayRemove() {
        return false;
    }

    @Override
    public Mono<Long> overdue(Removal removal) {
        return Mono.just(0L);
    }

    @Override
    public Mono<Void> sayWhatIsKept(KeeperSession session, RetentionAgreement agreed) {
        return Mono.empty();
    }
}
