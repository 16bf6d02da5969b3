package dev.sluice.store.schema;

import dev.sluice.store.database.Reason;
import io.r2dbc.postgresql.api.PostgresqlException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says what could not be removed and why: at once when that is new, and every hour for as long as it lasts. One pass at
 * a time uses it; it holds a text for each table that could not be removed within the last hours.
 */
final class UndoneRemovals {

    private static final Logger LOG = LoggerFactory.getLogger(UndoneRemovals.class);
    private static final Duration INTERVAL = Duration.ofHours(1);
    private static final String DEPENDENTS = "2BP01";

    private final Map<String, Said> said = new HashMap<>();

    private record Said(String reason, long nanos) {
        boolean isOld(long now) {
            return now - nanos >= INTERVAL.toNanos();
        }
    }

    void say(String what, String reason) {
        long now = System.nanoTime();
        said.values().removeIf(before -> before.isOld(now));
        Said before = said.get(what);
        if (before == null || !before.reason().equals(reason)) {
            said.put(what, new Said(reason, now));
            LOG.warn("{} could not be removed, which is tried again soon: {}", what, reason);
        }
    }

    /** What hangs on a table is in the details of the error; those of others may have what nobody wants in a log. */
    static String reason(Throwable failure) {
        String reason = Reason.of(failure);
        return failure instanceof PostgresqlException error
                        && error.getErrorDetails().getCode().equals(DEPENDENTS)
                ? error.getErrorDetails()
                        .getDetail()
                        .map(detail -> reason + " (" + detail.replace('\n', ',') + ")")
                        .orElse(reason)
                : reason;
    }
}
