package dev.sluice.store.schema;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * PostgreSQL's own partitions, which Sluice makes where they are its own. PostgreSQL lets the owner of
 * {@code log_event} alone make and remove partitions; where that is somebody else, they are made by other means, and
 * all that can be done here is to say in time that one is missing. One pass at a time.
 */
final class NativeDays implements Days {

    private static final Logger LOG = LoggerFactory.getLogger(NativeDays.class);
    private static final Duration SOON = Duration.ofDays(1);

    private static final String QUERY = """
            select case when pg_has_role(c.relowner, 'usage') then '' else c.relowner::regrole::text end
            from pg_class c where c.oid = '{home}.log_event'::regclass""";

    private String other = "";
    private List<String> kept = List.of();

    @Override
    public Mono<Void> makeAhead(KeeperSession session, Instant now, int daysAhead) {
        return look(session)
                .flatMap(ours -> ours ? PartitionMaking.around(session, now, daysAhead) : Mono.<Void>empty());
    }

    @Override
    public Mono<Void> make(KeeperSession session, Set<LocalDate> days) {
        return PartitionMaking.make(session, days);
    }

    @Override
    public Mono<Void> note(KeeperSession session) {
        return MadeDays.refresh(session);
    }

    @Override
    public boolean mayRemove() {
        return isOurs();
    }

    @Override
    public Mono<Long> overdue(Removal removal) {
        return removal.overdueDays();
    }

    /** Looks; whether they are this account's. */
    private Mono<Boolean> look(KeeperSession session) {
        return session.rows(QUERY, row -> requireNonNull(row.get(0, String.class)))
                .single()
                .map(owner -> {
                    if (!owner.equals(other) && !owner.isEmpty()) {
                        LOG.warn("log_event belongs to {}, who makes and removes its days; Sluice does neither", owner);
                    }
                    other = owner;
                    return isOurs();
                });
    }

    /** As of the last look. */
    private boolean isOurs() {
        return other.isEmpty();
    }

    /** What is too old and not ours to remove: the disk fills with it, and nobody else would say so. */
    @Override
    public Mono<Void> sayWhatIsKept(KeeperSession session, RetentionAgreement agreed) {
        return PartitionMaking.catalog(session)
                .map(days -> days.foreignBefore(agreed.now().minus(agreed.retention())).stream()
                        .map(PartitionCatalog.Row::name)
                        .toList())
                .doOnNext(names -> {
                    if (isOurs() && !names.isEmpty() && !names.equals(kept)) {
                        LOG.warn("Older than events are kept, but not made by Sluice and so left alone: {}", names);
                    }
                    kept = names;
                })
                .then();
    }

    /** Rows have no place now, and none can be made. */
    @Override
    public Optional<Throwable> missing(Instant now, Instant horizon) {
        if (isOurs() || Duration.between(now, horizon).compareTo(SOON) > 0) {
            return Optional.empty();
        }
        if (horizon.isAfter(now)) {
            LOG.warn("log_event has no partition from {} on: its owner, {}, is to make them", horizon, other);
            return Optional.empty();
        }
        return Optional.of(new SchemaMigrationException("log_event has no partition for " + now
                + ", and only its owner, "
                + other + ", can make one: docs/tables.md has the statement.\nOr set sluice.store.schema-username to an"
                + " account that may act as the owner."));
    }
}
