package dev.sluice.admin;

import java.util.List;
import java.util.function.Supplier;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Part of liveness: down when an event loop, a worker or a lane takes no tasks any more, which nothing but a new start
 * repairs. A database that is slow, frozen or away leaves all of them well.
 */
public final class ThreadsHealthIndicator implements HealthIndicator {

    private final Supplier<List<String>> stuck;

    /** An indicator that asks which threads are stuck. */
    public ThreadsHealthIndicator(Supplier<List<String>> stuck) {
        this.stuck = stuck;
    }

    @Override
    public Health health() {
        List<String> names = stuck.get();
        return names.isEmpty()
                ? Health.up().build()
                : Health.down().withDetail("stuck", names).build();
    }
}
