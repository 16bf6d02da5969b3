package dev.sluice.store.database;

import java.time.Duration;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/**
 * Looks for a server that was promoted while we wait for another one, which may hang and never say so. A server that
 * waits for a lock is silent, too: what ends a connection is not the silence but a newer timeline. With several hosts
 * it also looks when all is well, because a server that was cut off from the others goes on as if nothing had happened.
 */
public final class PrimaryWatch {

    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration SILENCE = Duration.ofSeconds(2);
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final DatabaseHosts hosts;
    private final LaneLoop loop;
    private final Supplier<Duration> silence;
    private Duration sinceLook = Duration.ZERO;

    /**
     * @param loop where it lives, and its short connections
     * @param silence how long the longest waiting lane has had no answer
     */
    public PrimaryWatch(DatabaseHosts hosts, LaneLoop loop, Supplier<Duration> silence) {
        this.hosts = hosts;
        this.loop = loop;
        this.silence = silence;
    }

    /** Looks for ever, one look after the other. */
    public Mono<Void> run() {
        return Mono.delay(TICK, loop.scheduler())
                .then(Mono.defer(this::tick))
                .repeat()
                .then();
    }

    private Mono<Void> tick() {
        sinceLook = sinceLook.plus(TICK);
        return isDue(silence.get(), sinceLook, hosts.areSeveral()) ? look() : Mono.empty();
    }

    static boolean isDue(Duration silence, Duration sinceLook, boolean several) {
        boolean isSilent = silence.compareTo(SILENCE) >= 0;
        return sinceLook.compareTo(isSilent ? SILENCE : INTERVAL) >= 0 && (isSilent || several);
    }

    /** That no host takes writes is for the lanes to say. */
    private Mono<Void> look() {
        sinceLook = Duration.ZERO;
        return hosts.connect(loop)
                .flatMap(HostConnection::close)
                .onErrorComplete()
                .doFinally(signal -> hosts.abortOutdated());
    }
}
