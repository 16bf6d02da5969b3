package dev.sluice.store;

import dev.sluice.store.database.DatabaseHosts;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Asks each new connection of a lane whether what was committed is still there. Nothing can bring it back: the shippers
 * have let go of it. On the lane's event loop only.
 */
final class LookBack {

    private static final Logger LOG = LoggerFactory.getLogger(LookBack.class);

    private final DatabaseHosts hosts;
    private final LastCommits commits;
    private final StoreObserver observer;
    private @Nullable LaneConnection asked;

    LookBack(DatabaseHosts hosts, LastCommits commits, StoreObserver observer) {
        this.hosts = hosts;
        this.commits = commits;
        this.observer = observer;
    }

    /** Once a connection. Fails at a server that was passed over: it does not know what came after it. */
    Mono<Void> at(LaneConnection open) {
        return Mono.defer(() -> {
            if (open == asked) {
                return Mono.empty();
            }
            List<UUID> ids = commits.ids();
            Mono<Set<UUID>> found = ids.isEmpty() ? Mono.just(Set.of()) : open.committed(ids);
            return found.doOnNext(there -> {
                        hosts.requireCurrent(open.host(), open.timeline());
                        asked = open;
                        commits.missing(ids, there).ifPresent(loss -> say(open, loss));
                    })
                    .then();
        });
    }

    private void say(LaneConnection open, LastCommits.Loss loss) {
        observer.lostByDatabase(loss.events());
        LOG.error(
                "PostgreSQL at {}, {}, has lost what it had committed: {}{} events in {} batches, acknowledged from {} to"
                        + " {}, are not in its ledger any more. It was restored, or another server took over without"
                        + " them, or crashed with unlogged tables, or somebody emptied ingest_batch; shippers do not"
                        + " send them again",
                open.host(),
                open.timeline(),
                loss.mayBeMore() ? "at least " : "",
                loss.events(),
                loss.batches(),
                loss.from(),
                loss.until());
    }
}
