package dev.sluice.store.schema;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import reactor.core.publisher.Mono;

/** Sees to it that rows find a partition. */
@FunctionalInterface
public interface Partitions {

    /** Makes those of the days that have no partition, and tells at which times rows can be stored now. */
    Mono<StorableTimes> make(Set<LocalDate> days);

    /**
     * Times for which partitions are made. Another one comes from a clock that was wrong: Sluice stamps the rows
     * itself.
     *
     * @param from the first one
     * @param until the end, itself not included
     * @param now the present by the database's clock
     */
    record StorableTimes(Instant from, Instant until, Instant now) {

        /** Nothing waits for longer than this, and a clock that is further ahead is not meant. */
        private static final Duration STORABLE = Duration.ofDays(366);

        /** In whole days, so that all of a day can be stored or nothing. */
        static StorableTimes at(Instant now) {
            Instant today = now.truncatedTo(ChronoUnit.DAYS);
            return new StorableTimes(today.minus(STORABLE), today.plus(STORABLE), now);
        }

        boolean contains(Instant instant) {
            return !instant.isBefore(from) && instant.isBefore(until);
        }
    }
}
