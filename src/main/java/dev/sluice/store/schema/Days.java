package dev.sluice.store.schema;

import dev.sluice.store.database.TableLayout;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * How the days of {@code log_event} are made, detached and removed. What does one of these asks here first. One pass at
 * a time.
 */
sealed interface Days permits ExternalDays, NativeDays {

    /** Those of a layout. */
    static Days of(TableLayout layout) {
        return switch (layout) {
            case NATIVE, CITUS -> new NativeDays();
            case EXTERNAL -> new ExternalDays();
        };
    }

    /** Makes those ahead, where they are ours to make. */
    Mono<Void> makeAhead(KeeperSession session, Instant now, int daysAhead);

    /** Sees to it that rows of these days have a place; fails where they have none. */
    Mono<Void> make(KeeperSession session, Set<LocalDate> days);

    /** Why rows have no place now, where only somebody else can make one. Said in the log where that is near. */
    Optional<Throwable> missing(Instant now, Instant horizon);

    /** Notes what was written to those that were made. */
    Mono<Void> note(KeeperSession session);

    /** Whether they are ours to remove, as of the last time when those ahead were to be made. */
    boolean mayRemove();

    /** How many are older than they are to be kept. */
    Mono<Long> overdue(Removal removal);

    /** Says what is too old and not ours to remove. */
    Mono<Void> sayWhatIsKept(KeeperSession session, RetentionAgreement agreed);
}
