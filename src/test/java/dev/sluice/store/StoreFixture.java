package dev.sluice.store;

import dev.sluice.event.RejectReason;
import dev.sluice.event.Rows;
import dev.sluice.store.batch.Batch;
import dev.sluice.store.batch.BatchIds;
import dev.sluice.store.database.DatabaseHosts;
import dev.sluice.store.database.HostAddress;
import dev.sluice.store.database.TableHome;
import dev.sluice.store.schema.Partitions;
import dev.sluice.testing.PostgresExtension;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/** A store on a test's database that remembers what it reported. */
public final class StoreFixture implements AutoCloseable, StoreObserver {

    static final Duration LIMIT = Duration.ofMinutes(2);
    static final TableHome PUBLIC = new TableHome("public");
    private static final StoreSettings QUICK = settings(Duration.ofSeconds(20));

    final Queue<String> retries = new ConcurrentLinkedQueue<>();
    final Queue<Resolution> resolutions = new ConcurrentLinkedQueue<>();
    final Queue<Thread> threads = new ConcurrentLinkedQueue<>();
    final Queue<Boolean> synchronous = new ConcurrentLinkedQueue<>();
    final AtomicInteger suppressed = new AtomicInteger();
    final AtomicInteger suppressedDeadLetters = new AtomicInteger();
    final AtomicInteger refused = new AtomicInteger();
    public final AtomicInteger deadLetters = new AtomicInteger();
    final AtomicLong lost = new AtomicLong();
    final AtomicInteger partitionCalls = new AtomicInteger();
    /** How far the time of the lanes' states is ahead. */
    final AtomicLong aheadNanos = new AtomicLong();

    public final EventStore store;
    private final LoopResources loops = LoopResources.create("store-test", 1, 2, true, false);

    public StoreFixture(PostgresExtension postgres) {
        this(postgres, postgres.port(), QUICK, Mono.empty());
    }

    public StoreFixture(PostgresExtension postgres, int port, StoreSettings settings, Mono<Void> partitions) {
        this(
                hosts(at(postgres, port), host -> login(postgres, host), PUBLIC, settings.connectTimeout()),
                settings,
                days -> partitions.then(Mono.empty()));
    }

    public StoreFixture(PostgresExtension postgres, Partitions partitions) {
        this(hosts(postgres, at(postgres, postgres.port())), QUICK, partitions);
    }

    /** A store on several hosts, one of which is the test's own. */
    public StoreFixture(PostgresExtension postgres, List<HostAddress> hosts, StoreSettings settings) {
        this(hosts(postgres, hosts), settings, days -> Mono.empty());
    }

    /** A store of tables that are somewhere else. */
    public StoreFixture(PostgresExtension postgres, TableHome home) {
        this(hosts(at(postgres, postgres.port()), host -> login(postgres, host), home));
    }

    /** A store with logins of its own. */
    public StoreFixture(DatabaseHosts hosts) {
        this(hosts, QUICK, days -> Mono.empty());
    }

    /** A store that makes these ids. */
    public StoreFixture(PostgresExtension postgres, BatchIds ids) {
        StoreContext usual = StoreContext.of(QUICK, this, System::nanoTime, days -> Mono.empty());
        store = new EventStore(
                hosts(postgres, at(postgres, postgres.port())),
                loops,
                QUICK,
                new StoreContext(
                        ids,
                        usual.limits(),
                        this,
                        usual.nanos(),
                        usual.random(),
                        usual.commits(),
                        usual.kept(),
                        usual.partitions()));
    }

    private StoreFixture(DatabaseHosts hosts, StoreSettings settings, Partitions partitions) {
        Partitions counted = days -> Mono.defer(() -> {
            partitionCalls.incrementAndGet();
            return partitions.make(days);
        });
        store = new EventStore(
                hosts,
                loops,
                settings,
                StoreContext.of(settings, this, () -> System.nanoTime() + aheadNanos.get(), counted));
    }

    private static List<HostAddress> at(PostgresExtension postgres, int port) {
        return List.of(new HostAddress(postgres.host(), port));
    }

    static DatabaseHosts hosts(PostgresExtension postgres, List<HostAddress> hosts) {
        return hosts(hosts, host -> login(postgres, host), PUBLIC);
    }

    static DatabaseHosts hosts(
            List<HostAddress> hosts,
            Function<HostAddress, PostgresqlConnectionConfiguration.Builder> login,
            TableHome home) {
        return hosts(hosts, login, home, QUICK.connectTimeout());
    }

    private static DatabaseHosts hosts(
            List<HostAddress> hosts,
            Function<HostAddress, PostgresqlConnectionConfiguration.Builder> login,
            TableHome home,
            Duration limit) {
        return new DatabaseHosts(hosts, login, limit, home);
    }

    static PostgresqlConnectionConfiguration.Builder login(PostgresExtension postgres, HostAddress host) {
        return PostgresqlConnectionConfiguration.builder()
                .host(host.name())
                .port(host.port())
                .username(postgres.user())
                .password(postgres.password())
                .database(postgres.database());
    }

    /**
     * Hardly any wait between the tries, where a test has to see many of them, and no hurry otherwise: a login that
     * takes seconds on a busy machine is not what they are about.
     */
    static StoreSettings impatient() {
        return new StoreSettings(
                QUICK.lanes(),
                QUICK.maxEvents(),
                QUICK.maxBytes(),
                LIMIT,
                LIMIT,
                Duration.ofMillis(1),
                Duration.ofMillis(4),
                Duration.ofMillis(10),
                QUICK.ledgerAge());
    }

    static StoreSettings settings(Duration deadline) {
        return new StoreSettings(
                2,
                20_000,
                8 << 20,
                deadline,
                Duration.ofSeconds(3),
                Duration.ofMillis(20),
                Duration.ofMillis(300),
                Duration.ofMillis(200),
                Duration.ofDays(1));
    }

    /** Makes the tables ready: empty, and with one partition for all times. */
    public static void prepare(PostgresExtension postgres) {
        postgres.execute("truncate log_event, dead_letter, ingest_batch, ingest_delivery");
        makePartition(postgres);
    }

    /** Makes the one partition, if it is not there. */
    static void makePartition(PostgresExtension postgres) {
        postgres.execute("create table if not exists log_event_ever partition of log_event"
                + " for values from ('2000-01-01') to ('2100-01-01')");
    }

    /** Stores all rows, acknowledges them, and returns the batches. */
    public List<Batch> write(List<Rows> rows) {
        return start(rows).block(LIMIT);
    }

    Mono<List<Batch>> start(List<Rows> rows) {
        return store.write(Flux.fromIterable(rows), () -> {})
                .doOnNext(batch -> threads.add(Thread.currentThread()))
                .doOnNext(Batch::acknowledge)
                .collectList();
    }

    @Override
    public void batchStored(Batch batch, int count) {
        refused.addAndGet(count);
    }

    @Override
    public void rowsSuppressed(int events, int letters) {
        suppressed.addAndGet(events);
        suppressedDeadLetters.addAndGet(letters);
    }

    @Override
    public void connected(boolean synchronousCommit) {
        synchronous.add(synchronousCommit);
    }

    @Override
    public void lostByDatabase(long events) {
        lost.addAndGet(events);
    }

    @Override
    public void retried(String reason) {
        retries.add(reason);
    }

    @Override
    public void commitResolved(Resolution resolution) {
        resolutions.add(resolution);
    }

    @Override
    public void deadLettersStored(RejectReason reason, int count) {
        deadLetters.addAndGet(count);
    }

    @Override
    public void close() {
        store.close().block(Duration.ofSeconds(20));
        loops.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block(Duration.ofSeconds(10));
    }
}
