package dev.sluice.store.schema;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * What the keeper knows about the database's clock: how far it is from this machine's, and whether it was set between
 * two passes, by a time that no clock of the day moves. One pass at a time; the difference may be read by any thread.
 */
final class DatabaseClock {

    private static final Logger LOG = LoggerFactory.getLogger(DatabaseClock.class);
    private static final Duration TOLERANCE = Duration.ofMinutes(1);

    private final InstantSource here;
    private volatile double skewSeconds = Double.NaN;
    private @Nullable Instant seen;
    private long seenNanos;
    private boolean set;
    private @Nullable Instant watchedSince;
    private Duration unwatched = Duration.ZERO;

    DatabaseClock(InstantSource here) {
        this.here = here;
    }

    /** How far it is ahead of this machine's, as of the last pass; not a number before the first one. */
    double skewSeconds() {
        return skewSeconds;
    }

    boolean differs() {
        return !(Math.abs(skewSeconds) <= TOLERANCE.toSeconds());
    }

    static Mono<Instant> now(KeeperSession session) {
        return session.rows(
                        "select clock_timestamp()",
                        row -> requireNonNull(row.get(0, OffsetDateTime.class)).toInstant())
                .single();
    }

    /** Emits the present as this machine stamps it, or the database's where that cannot be meant. */
    Mono<Instant> compare(KeeperSession session) {
        return Mono.defer(() -> {
            Instant before = here.instant();
            return now(session).map(database -> {
                Instant after = here.instant();
                watch(database);
                compare(before.plus(Duration.between(before, after).dividedBy(2)), database);
                return Partitions.StorableTimes.at(database).contains(after) ? after : database;
            });
        });
    }

    private void compare(Instant machine, Instant database) {
        skewSeconds = Duration.between(machine, database).toMillis() / 1000.0;
        if (differs()) {
            LOG.warn(
                    "The database's clock is {} s {} this machine's: events are stored, nothing is removed until one of"
                            + " them is set right",
                    Math.round(Math.abs(skewSeconds)),
                    skewSeconds > 0 ? "ahead of" : "behind");
        }
    }

    private void watch(Instant database) {
        long nanos = System.nanoTime();
        if (seen != null) {
            Duration step = Duration.between(seen, database).minusNanos(nanos - seenNanos);
            if (step.abs().compareTo(TOLERANCE) > 0) {
                set = true;
                LOG.warn("The database's clock was set by {} s, or this machine was suspended", step.toSeconds());
            }
        }
        seen = database;
        seenNanos = nanos;
    }

    /** Whether it was set while this process watched it, and that is not noted yet. */
    boolean wasSet() {
        return set;
    }

    /** All replicas know now what this one saw. */
    void noted(RetentionAgreement agreed) {
        set = false;
        if (watchedSince == null) {
            watchedSince = agreed.now();
            unwatched = agreed.sinceLastPass().compareTo(TOLERANCE) > 0 ? agreed.sinceLastPass() : Duration.ZERO;
        }
    }

    /**
     * What looks older than this is surely as old as was asked for. Before this process watched it, the clock may have
     * been set by as much as passed between two passes; that no longer matters when the age itself was watched.
     */
    Duration surely(Duration age, Instant now) {
        return watchedSince == null || watchedSince.plus(age).isAfter(now) ? age.plus(unwatched) : age;
    }
}
