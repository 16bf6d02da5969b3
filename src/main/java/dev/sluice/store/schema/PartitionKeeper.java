package dev.sluice.store.schema;

import static java.time.ZoneOffset.UTC;
import static java.util.Objects.requireNonNull;

import dev.sluice.store.database.Reason;
import dev.sluice.store.database.TableHome;
import dev.sluice.store.failure.WriteFailure;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Sees to it that every event finds its day: makes the days ahead, and removes what is older than it is to be kept. It
 * never stops COPY: no statement of it takes or waits for a lock that conflicts with writing while it holds one that
 * does. All replicas run it; days are made under a short lock, and one replica at a time removes.
 *
 * <p>Days are made around this machine's clock, because it stamps the rows. What is removed is decided by the
 * database's clock alone, and not at all while the two differ or while that one has jumped.
 */
public final class PartitionKeeper implements Partitions {

    /** Why a pass removed nothing. */
    public enum Refusal {
        /** This machine's clock and the database's differ. */
        CLOCKS_DIFFER,
        /** The database's clock jumped, or nobody looked for so long that it might have. */
        CLOCK_JUMPED
    }

    private static final Logger LOG = LoggerFactory.getLogger(PartitionKeeper.class);
    private static final Duration PASS_TIMEOUT = Duration.ofMinutes(30);
    private static final Duration MAKING_TIMEOUT = Duration.ofMinutes(1);
    private static final Duration INTERVAL = Duration.ofHours(1);

    /** A start removes nothing: who sets a clock or a retention right starts the service again and again. */
    private static final Duration INTERVAL_AFTER_START = Duration.ofMinutes(10);

    private static final Duration INTERVAL_AFTER_REFUSAL = Duration.ofMinutes(10);
    private static final Duration INTERVAL_AFTER_FAILURE = Duration.ofMinutes(1);
    private static final Duration INTERVAL_WHILE_AWAY = Duration.ofSeconds(1);

    /** Advisory locks are numbers; this one is ours, for the tables of one schema when their number is added. */
    static final String REMOVE_LOCK = 0x736c7569_63650002L + " # '{home}.log_event'::regclass::oid::bigint";

    private final KeeperDatabase database;
    private final PartitionSettings settings;
    private final InstantSource clock;
    private final DatabaseClock databaseClock;
    private final UUID replica = UUID.randomUUID();
    private final CheckUp checkUp;
    private final Days layout;
    private final Ledger ledger = new Ledger();
    private final UndoneRemovals undone = new UndoneRemovals();
    private final Map<Refusal, LongAdder> refusals = new EnumMap<>(Refusal.class);
    private volatile @Nullable Instant horizon;
    private volatile double overdueDays = Double.NaN;

    /** A keeper that opens a connection of its own for each pass. */
    public PartitionKeeper(
            ConnectionFactory connections, TableHome home, PartitionSettings settings, InstantSource clock) {
        this(connections, connections, home, settings, clock);
    }

    /**
     * As the other one, where another account than the owner of the tables stores rows.
     *
     * @param connections as their owner
     * @param writers as the one who stores rows
     */
    public PartitionKeeper(
            ConnectionFactory connections,
            ConnectionFactory writers,
            TableHome home,
            PartitionSettings settings,
            InstantSource clock) {
        database = new KeeperDatabase(connections, writers, home);
        this.settings = settings;
        layout = Days.of(home.layout());
        checkUp = new CheckUp(home.layout());
        this.clock = clock;
        databaseClock = new DatabaseClock(clock);
        for (Refusal refusal : Refusal.values()) {
            refusals.put(refusal, new LongAdder());
        }
    }

    /**
     * Seconds for which rows have a place, a year at most, as of the last pass; negative when the time has passed, not
     * a number when no pass has seen the tables yet.
     */
    public double horizonSeconds() {
        Instant end = horizon;
        return end == null ? Double.NaN : Duration.between(clock.instant(), end).toMillis() / 1000.0;
    }

    /** How far the database's clock is ahead of this machine's, as of the last pass. */
    public double skewSeconds() {
        return databaseClock.skewSeconds();
    }

    /** Days that are older than they are to be kept and still there, as of the last pass that might remove. */
    public double overdueDays() {
        return overdueDays;
    }

    /** What the last pass found about the ledger. */
    public Ledger ledger() {
        return ledger;
    }

    /** How many passes removed nothing for this reason. */
    public long refusals(Refusal reason) {
        return requireNonNull(refusals.get(reason)).sum();
    }

    /** What the last pass found about the database, each with the names that it is about. */
    public Map<DatabaseFinding, String> findings() {
        return checkUp.findings();
    }

    /** A pass: makes the days ahead and removes old ones. It emits in how long to come again. */
    Mono<Duration> run() {
        return KeeperSession.with(
                database,
                PASS_TIMEOUT,
                session -> prepare(session)
                        .flatMap(unmade -> agree(session)
                                .flatMap(agreed -> removeAlone(session, agreed))
                                .flatMap(next ->
                                        unmade.<Mono<Duration>>map(Mono::error).orElseGet(() -> Mono.just(next)))));
    }

    /** Passes for ever; it begins with the wait and never completes. */
    public Mono<Void> runForever() {
        return Mono.delay(INTERVAL_AFTER_START)
                .then(Mono.defer(this::runAndWait).repeat().then());
    }

    private Mono<Void> runAndWait() {
        return run().onErrorResume(failure -> {
                    LOG.warn(
                            "Partitions could not be made, or old ones not looked at; next attempt in {}: {}",
                            INTERVAL_AFTER_FAILURE,
                            Reason.of(failure));
                    return Mono.just(INTERVAL_AFTER_FAILURE);
                })
                .flatMap(Mono::delay)
                .then();
    }

    /**
     * The first pass, which removes nothing and waits for a database that is away; it fails when that answers and
     * refuses.
     */
    public Mono<Void> runWhenPossible() {
        return Mono.defer(() -> KeeperSession.with(database, PASS_TIMEOUT, this::start))
                .onErrorMap(failure -> !isPassing(failure), PartitionKeeper::refused)
                .retryWhen(Retry.fixedDelay(Long.MAX_VALUE, INTERVAL_WHILE_AWAY)
                        .filter(PartitionKeeper::isPassing)
                        .doBeforeRetry(retry ->
                                LOG.warn("The partitions ahead could not be made yet: {}", Reason.of(retry.failure()))))
                .then();
    }

    /** Said as any other start that the database refuses. */
    private static Throwable refused(Throwable failure) {
        return KeeperSession.isAnswer(failure) && !(failure instanceof SchemaMigrationException)
                ? new SchemaMigrationException(
                        "The partitions of log_event cannot be made: " + Reason.of(failure) + ".", failure)
                : failure;
    }

    private static boolean isPassing(Throwable failure) {
        return switch (WriteFailure.of(failure)) {
            case WriteFailure.Reconnect gone -> true;
            case WriteFailure.Retry busy -> true;
            default -> false;
        };
    }

    /**
     * For rows that found no place: they may have waited long, or a clock was wrong when they came. Removes nothing.
     */
    @Override
    public Mono<StorableTimes> make(Set<LocalDate> days) {
        return KeeperSession.with(
                database,
                MAKING_TIMEOUT,
                session -> DatabaseClock.now(session).map(StorableTimes::at).flatMap(times -> {
                    Set<LocalDate> storable = new TreeSet<>(days);
                    storable.removeIf(
                            day -> !times.contains(day.atStartOfDay(UTC).toInstant()));
                    storable.add(LocalDate.ofInstant(times.now(), UTC));
                    return layout.make(session, storable).thenReturn(times);
                }));
    }

    /** Only what rows need now is needed: a table that is locked for long must not hold up a start. */
    private Mono<Void> start(KeeperSession session) {
        return prepare(session)
                .flatMap(unmade -> unmade.isEmpty() ? Mono.<Void>empty() : Mono.error(unmade.get()))
                .onErrorResume(failure -> horizonSeconds() > 0, PartitionKeeper::saidAsPassing)
                .then(agree(session).then().onErrorResume(PartitionKeeper::saidAsPassing));
    }

    private static Mono<Void> saidAsPassing(Throwable failure) {
        LOG.warn("Not all tables could be looked at, which is tried again: {}", failure.getMessage());
        return Mono.empty();
    }

    /** Makes the days ahead; emits why one could not be made, which is no reason to leave the rest. */
    private Mono<Optional<Throwable>> prepare(KeeperSession session) {
        return databaseClock
                .compare(session)
                .flatMap(now -> layout.makeAhead(session, now, settings.daysAhead()))
                .thenReturn(Optional.<Throwable>empty())
                .onErrorResume(KeeperSession::isAnswer, failure -> Mono.just(Optional.of(failure)))
                .flatMap(unmade -> PartitionMaking.catalog(session)
                        .map(catalog -> catalog.horizon(clock.instant()))
                        .doOnNext(end -> horizon = end)
                        .map(end -> unmade.or(() -> layout.missing(clock.instant(), end))));
    }

    private Mono<RetentionAgreement> agree(KeeperSession session) {
        return lookAtSettings(session)
                .then(layout.note(session))
                .then(Mono.defer(() -> RetentionAgreement.claim(session, replica, settings, databaseClock.wasSet())))
                .doOnNext(databaseClock::noted)
                .doOnNext(agreed -> agreed.sayWhatDiffers(settings, layout.mayRemove()))
                .flatMap(agreed ->
                        countOverdue(session, removal(session, agreed)).thenReturn(agreed));
    }

    private Mono<Void> lookAtSettings(KeeperSession session) {
        return database.hasTwoAccounts()
                ? KeeperSession.with(database.asWriter(), MAKING_TIMEOUT, checkUp::look)
                        .onErrorResume(PartitionKeeper::saidAsPassing)
                : checkUp.look(session);
    }

    private Removal removal(KeeperSession session, RetentionAgreement agreed) {
        return new Removal(session, agreed, databaseClock, settings.removalStep(), undone);
    }

    private Mono<Long> countOverdue(KeeperSession session, Removal removal) {
        return ledger.look(session, removal.ledgerAges())
                .then(layout.overdue(removal))
                .doOnNext(count -> overdueDays = count);
    }

    /** Another replica may be at it already; then there is nothing to do. The lock goes with the connection. */
    private Mono<Duration> removeAlone(KeeperSession session, RetentionAgreement agreed) {
        if (databaseClock.differs()) {
            return refuse(Refusal.CLOCKS_DIFFER);
        }
        if (!agreed.isSteady()) {
            LOG.warn(
                    "The database's clock jumped, or no replica looked at it for a day: nothing is removed before {}",
                    agreed.steadyFrom());
            return refuse(Refusal.CLOCK_JUMPED);
        }
        Removal removal = removal(session, agreed);
        return session.rows(
                        "select pg_try_advisory_lock(" + REMOVE_LOCK + ")",
                        row -> requireNonNull(row.get(0, Boolean.class)))
                .single()
                .flatMap(alone -> alone ? removal.run(layout.mayRemove()) : Mono.just(true))
                .flatMap(done -> layout.sayWhatIsKept(session, agreed).thenReturn(done))
                .flatMap(done -> countOverdue(session, removal).thenReturn(done ? INTERVAL : INTERVAL_AFTER_FAILURE));
    }

    private Mono<Duration> refuse(Refusal reason) {
        requireNonNull(refusals.get(reason)).increment();
        return Mono.just(INTERVAL_AFTER_REFUSAL);
    }
}
