package dev.sluice.simulation;

import dev.sluice.event.RejectReason;
import dev.sluice.simulation.Cluster.Replication;
import dev.sluice.simulation.Shipments.Shipment;
import dev.sluice.store.EventStore;
import dev.sluice.store.StoreObserver;
import dev.sluice.store.batch.Batch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import reactor.core.Disposable;

/**
 * The real store and the real driver against a model of PostgreSQL over a model of the network. Faults come for a
 * while; then they end, and everything that was offered has to be stored and acknowledged.
 */
final class StoreWorld implements StoreObserver {

    private static final List<Replication> REPLICATIONS =
            List.of(Replication.SYNCHRONOUS, Replication.NONE, Replication.SYNCHRONOUS, Replication.ASYNCHRONOUS);

    private static final Duration FAULTS = Duration.ofMinutes(1);

    /** A deadline of five seconds doubles up to 80; a frozen server and a lock may each use up some of them. */
    private static final Duration DRAINED = Duration.ofMinutes(30);

    final VirtualTime time;
    final Cluster cluster;
    private final SplittableRandom random;
    private final Shipments shipments;
    private final EventStore store;
    private final double bad;

    private final List<Shipment> sent = new ArrayList<>();
    private int deliveries;
    private int acks;
    private int events;
    private long counted;
    private long refused;
    private long saidToBeLost;
    private boolean isComplete;
    private boolean isClosed;

    /** A world in which the seed decides everything; a few in a row have something of all. */
    static StoreWorld of(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Replication replication = REPLICATIONS.get(Math.floorMod(seed, REPLICATIONS.size()));
        boolean hasBad = Math.floorMod(seed + seed / REPLICATIONS.size(), 2) == 1;
        double faults = random.nextInt(6) == 0 ? 0 : 0.02 + random.nextDouble() * 0.13;
        return new StoreWorld(random, faults, hasBad ? 0.1 : 0, replication);
    }

    /** One in which nothing fails by itself. */
    static StoreWorld quiet() {
        return new StoreWorld(new SplittableRandom(0), 0, 0, Replication.NONE);
    }

    private StoreWorld(SplittableRandom random, double faults, double bad, Replication replication) {
        this.random = random;
        this.bad = bad;
        time = new VirtualTime(random.split());
        cluster = new Cluster(time, new PostgresFaults(random.split(), faults), replication, random.split());
        shipments = new Shipments(time.loop("worker"), random.split(), this::acknowledged);
        store = new DatabaseLink(time, random.split(), cluster).store(this);
    }

    /** One history, from the first delivery to the close. */
    void run() {
        deliveries = 10 + random.nextInt(30);
        for (int i = 0; i < deliveries; i++) {
            time.after(Duration.ofMillis(random.nextLong(FAULTS.toMillis())), this::ship);
        }
        live();
    }

    /** The same with deliveries that are given. */
    void run(List<Shipment> script) {
        deliveries = script.size();
        script.forEach(each -> time.after(Duration.ZERO, () -> offer(each)));
        live();
    }

    private void live() {
        Disposable writing = store.write(shipments, () -> {})
                .doOnNext(this::committed)
                .subscribe(batch -> {}, error -> time.fail("the store failed: " + error), () -> isComplete = true);
        Disposable watching =
                store.watchPrimary().subscribe(done -> {}, error -> time.fail("the watch failed: " + error));
        time.after(FAULTS, cluster.faults::end);
        stepUntil(() -> acks == deliveries, DRAINED);
        shipments.complete();
        stepUntil(() -> isComplete, DRAINED.plusMinutes(1));
        Disposable closing = store.close().subscribe(done -> {}, error -> {}, () -> isClosed = true);
        stepUntil(() -> isClosed, DRAINED.plusMinutes(2));
        reconcile();
        watching.dispose();
        writing.dispose();
        closing.dispose();
    }

    private void stepUntil(BooleanSupplier done, Duration limit) {
        while (!done.getAsBoolean()) {
            if (!time.step(limit)) {
                throw new SimulationFailure("it does not drain: " + acks + " of " + deliveries
                        + " deliveries were acknowledged after " + time.elapsed() + "; "
                        + store.lanes().stream()
                                .map(lane ->
                                        lane.state() + " " + lane.haltedBy().orElse(""))
                                .toList());
            }
        }
    }

    /** A shipper sends something new, or something identified once more because it became impatient. */
    private void ship() {
        Shipment again = sent.isEmpty() ? null : sent.get(random.nextInt(sent.size()));
        if (again != null && again.isIdentified() && random.nextInt(3) == 0) {
            shipments.offer(again);
            return;
        }
        offer(shipments.next(bad));
    }

    private void offer(Shipment next) {
        events += next.messages().size();
        sent.add(next);
        next.messages().forEach(cluster.expected::expect);
        shipments.offer(next);
    }

    /** What is acknowledged is committed: each event of it as a row, or as a dead letter where it was refused. */
    private void acknowledged(Shipment shipment) {
        acks++;
        for (String message : shipment.messages()) {
            String name = message.substring(0, message.indexOf(' '));
            boolean isStored = BadRows.isBad(message)
                    ? cluster.tables().hasLetter(name)
                    : cluster.tables().hasEvent(name);
            if (!isStored && !(cluster.mayLose() && cluster.wasCommitted(name))) {
                time.fail(name + " was acknowledged and is not committed");
            }
        }
    }

    private void committed(Batch batch) {
        counted += batch.events() - batch.duplicateEvents();
        batch.acknowledge();
    }

    @Override
    public void deadLettersStored(RejectReason reason, int count) {
        refused += count;
    }

    @Override
    public void lostByDatabase(long lost) {
        if (!cluster.mayLose()) {
            time.fail(lost + " events are said to be lost, and none is");
        }
        saidToBeLost += lost;
    }

    @Override
    public void rowsSuppressed(int lostEvents, int lostLetters) {
        time.fail("rows are said to be suppressed, and none is");
    }

    /** Nothing is uncounted, and nothing is left open. */
    private void reconcile() {
        stepUntil(cluster::isSettled, DRAINED.plusMinutes(3));
        Tables tables = cluster.tables();
        equal("rows that nobody sent", tables.unnamed(), 0);
        equal("acknowledgements", acks, deliveries);
        if (cluster.mayLose()) {
            reconcileLosses();
        } else {
            equal("events in the tables", tables.events() + tables.letters(), events);
            equal("rows counted as stored", counted, events);
            equal("dead letters counted", refused, tables.letters());
        }
        stepUntil(() -> cluster.openSessions() == 0, DRAINED.plusMinutes(5));
    }

    /** Without synchronous replication a failover takes what the standby did not have: that, and nothing else. */
    private void reconcileLosses() {
        List<String> gone = sent.stream()
                .flatMap(shipment -> shipment.messages().stream())
                .map(message -> message.substring(0, message.indexOf(' ')))
                .filter(name -> !cluster.tables().has(name))
                .toList();
        gone.stream().filter(name -> !cluster.isPassedOver(name)).forEach(name -> {
            throw new SimulationFailure(name + " is gone, and no failover took it");
        });
        if (saidToBeLost > cluster.passedOver()) {
            throw new SimulationFailure(
                    saidToBeLost + " events are said to be lost, and " + cluster.passedOver() + " were passed over");
        }
    }

    private static void equal(String what, long seen, long expected) {
        if (seen != expected) {
            throw new SimulationFailure(what + ": " + seen + ", expected " + expected);
        }
    }
}
