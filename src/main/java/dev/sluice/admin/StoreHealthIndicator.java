package dev.sluice.admin;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Part of readiness: down only while an operator has to repair something in the database (a missing table, a refused
 * login). A slow database or one that is away leaves the service ready, because sending the shippers to another replica
 * would not help: it writes to the same database, and here their connections are kept and their events are waited for.
 */
public final class StoreHealthIndicator implements HealthIndicator {

    private final Supplier<Optional<String>> haltedBy;
    private final Supplier<Map<String, String>> findings;

    /**
     * An indicator that asks the store why it halted, if it did.
     *
     * @param findings what may cost events although everything works: a detail, and no reason to be down
     */
    public StoreHealthIndicator(Supplier<Optional<String>> haltedBy, Supplier<Map<String, String>> findings) {
        this.haltedBy = haltedBy;
        this.findings = findings;
    }

    @Override
    public Health health() {
        Health.Builder health = haltedBy.get()
                .map(reason -> Health.outOfService().withDetail("halted", reason))
                .orElseGet(Health::up);
        Map<String, String> found = findings.get();
        return found.isEmpty()
                ? health.build()
                : health.withDetail("findings", found).build();
    }
}
