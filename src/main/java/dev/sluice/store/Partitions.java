package dev.sluice.store;

import java.time.Instant;
import java.time.LocalDate;
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
        boolean contains(Instant instant) {
            return !instant.isBefore(from) && instant.isBefore(until);
        }
    }
}
