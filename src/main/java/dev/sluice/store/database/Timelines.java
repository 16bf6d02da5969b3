package dev.sluice.store.database;

import java.util.concurrent.atomic.AtomicReference;

/**
 * The newest timeline ever seen. A server that still takes writes on an older one was passed over while it was away or
 * cut off, and what is written to it is lost: it is not written to again. Safe for any thread.
 *
 * <p>Kept in memory alone: a table would say on the old server what the old server knows.
 */
final class Timelines {

    private final AtomicReference<Timeline> newest = new AtomicReference<>(Timeline.UNKNOWN);

    /** A primary writes this one. Another cluster in the place of the one before begins anew. */
    void seen(Timeline timeline) {
        if (timeline.number() > 0) {
            newest.updateAndGet(known -> timeline.isOlderThan(known) ? known : timeline);
        }
    }

    boolean isOutdated(Timeline timeline) {
        return timeline.isOlderThan(newest.get());
    }

    Timeline newest() {
        return newest.get();
    }
}
