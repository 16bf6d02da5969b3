package dev.sluice.store.schema;

import static java.util.Objects.requireNonNull;

import dev.sluice.store.database.Reason;
import dev.sluice.store.database.TableHome;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Builds indexes on days that are over: while rows come they would cost most of the rate of COPY, afterwards nothing.
 * One index at a time, by one replica at a time, and apart from the passes of {@link PartitionKeeper}, for a build may
 * take hours. The lock is the session's, and so lasts as long as a build runs, whatever became of who began it.
 */
public final class IndexKeeper {

    private static final Logger LOG = LoggerFactory.getLogger(IndexKeeper.class);
    private static final Duration INTERVAL = Duration.ofHours(1);
    private static final Duration INTERVAL_AFTER_START = Duration.ofMinutes(10);
    private static final Duration INTERVAL_WHILE_BUSY = Duration.ofMinutes(10);
    private static final Duration INTERVAL_AFTER_FAILURE = Duration.ofMinutes(10);

    /** A build that has no room would fill the disk each time. */
    private static final int DOUBLINGS_MAX = 7;

    /** The disks are left to others for as long as a build took, within this. */
    private static final Duration PAUSE_MAX = Duration.ofMinutes(10);

    private static final String LOCK = 0x736c7569_63650005L + " # '{home}.log_event'::regclass::oid::bigint";

    private static final String IS_OURS = """
            select c.relkind = 'p' and pg_has_role(c.relowner, 'usage') from pg_class c
            where c.oid = '{home}.log_event'::regclass""";

    private final KeeperDatabase database;
    private final FinishedDaySettings settings;
    private final InstantSource clock;
    private final LongAdder built = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private volatile double lackingDays;
    private volatile double lastSeconds;
    private int failuresInTurn;
    private String said = "";

    /** A keeper that opens a connection for each index, as the owner of the tables. */
    public IndexKeeper(
            ConnectionFactory connections, TableHome home, FinishedDaySettings settings, InstantSource clock) {
        database = new KeeperDatabase(connections, connections, home);
        this.settings = settings;
        this.clock = clock;
        lackingDays = settings.indexes().isEmpty() ? 0 : Double.NaN;
    }

    /** How many indexes were built. */
    public long built() {
        return built.sum();
    }

    /** How often one could not be built, or not be looked for. */
    public long failed() {
        return failed.sum();
    }

    /** Days that are over and lack an index, as of the last look; not a number before, where there are any to build. */
    public double lackingDays() {
        return lackingDays;
    }

    /** How long the last build took; 0 before the first. */
    public double lastSeconds() {
        return lastSeconds;
    }

    /** Builds for ever; it begins with a wait, and completes at once where there is nothing to build. */
    public Mono<Void> runForever() {
        return settings.indexes().isEmpty()
                ? Mono.empty()
                : Mono.delay(INTERVAL_AFTER_START)
                        .then(Mono.defer(() -> run().flatMap(Mono::delay).then())
                                .repeat()
                                .then());
    }

    /** Builds one index that is missing. Emits in how long to look again. */
    Mono<Duration> run() {
        return KeeperSession.with(database, settings.timeout().multipliedBy(2).plus(PAUSE_MAX), this::buildAlone)
                .doOnNext(next -> {
                    failuresInTurn = 0;
                    said = "";
                })
                .onErrorResume(failure -> Mono.just(failed(failure)));
    }

    private Mono<Duration> buildAlone(KeeperSession session) {
        return isTrue(session, IS_OURS)
                .flatMap(ours -> ours
                        ? isTrue(session, "select pg_try_advisory_lock(" + LOCK + ")")
                                .flatMap(alone -> build(session, alone))
                        : Mono.just(INTERVAL));
    }

    /** Who is not alone only counts. */
    private Mono<Duration> build(KeeperSession session, boolean alone) {
        IndexBuild indexes = new IndexBuild(session, settings);
        return indexes.lacking(clock.instant()).flatMap(lacking -> {
            count(lacking);
            return Mono.justOrEmpty(lacking.stream()
                            .filter(each -> alone && !each.busy())
                            .findFirst())
                    .flatMap(missing -> timed(indexes.build(missing), missing))
                    .flatMap(pause -> Mono.delay(pause).thenReturn(Duration.ZERO))
                    .defaultIfEmpty(lacking.isEmpty() || !alone ? INTERVAL : INTERVAL_WHILE_BUSY);
        });
    }

    /** Emits how long to do nothing afterwards, with the lock, so that nobody else builds meanwhile. */
    private Mono<Duration> timed(Mono<Void> build, IndexBuild.Lacking missing) {
        return build.thenReturn(true).elapsed().map(done -> {
            Duration taken = Duration.ofMillis(done.getT1());
            built.increment();
            lastSeconds = taken.toMillis() / 1000.0;
            LOG.info("Built the index {} of a day that is over in {} s", missing.index(), taken.toSeconds());
            return taken.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : taken;
        });
    }

    private void count(List<IndexBuild.Lacking> lacking) {
        lackingDays = lacking.stream().map(IndexBuild.Lacking::day).distinct().count();
    }

    private static Mono<Boolean> isTrue(KeeperSession session, String sql) {
        return session.rows(sql, row -> requireNonNull(row.get(0, Boolean.class)))
                .single();
    }

    private Duration failed(Throwable failure) {
        failed.increment();
        Duration next = INTERVAL_AFTER_FAILURE.multipliedBy(1L << Math.min(failuresInTurn, DOUBLINGS_MAX));
        failuresInTurn++;
        String reason = Reason.of(failure);
        if (!reason.equals(said)) {
            LOG.warn("An index of a day that is over could not be built; next attempt in {}: {}", next, reason);
        }
        said = reason;
        return next;
    }
}
