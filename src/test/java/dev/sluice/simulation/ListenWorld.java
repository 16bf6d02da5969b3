package dev.sluice.simulation;

import dev.sluice.SimulatedPipeline;
import dev.sluice.event.ArrayPool;
import dev.sluice.event.RuleSet;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.budget.ReadAllowance;
import dev.sluice.listen.intake.Intake;
import dev.sluice.listen.report.ListenObserver.CloseReason;
import dev.sluice.metrics.PipelineMetrics;
import dev.sluice.protocol.Protocols;
import dev.sluice.simulation.Cluster.Replication;
import dev.sluice.simulation.SimulatedShipper.Unit;
import dev.sluice.store.EventStore;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import reactor.core.Disposable;
import reactor.core.scheduler.Schedulers;

/**
 * The whole way of an event, from modelled shippers over the real connections, intake, workers and store to the
 * modelled PostgreSQL.
 */
final class ListenWorld {

    private static final Duration FAULTS = Duration.ofSeconds(30);
    private static final Duration AGE = Duration.ofSeconds(1);
    private static final Duration DRAINED = Duration.ofMinutes(30);

    /** Thousands make a large world, which takes a minute. */
    private static final int SHIPPERS_MAX = Integer.getInteger("sluice.simulation.shippers", 16);

    /** What one connection at a time may read beyond the budget, to complete its frame. */
    private static final long RESERVE_BYTES = SimulatedListener.FRAME_BYTES_MAX + ReadAllowance.READ_BYTES;

    final VirtualTime time;
    private final SplittableRandom random;
    private final Cluster cluster;
    private final EventStore store;
    private final Protocols protocols = new Protocols(ZoneOffset.UTC, 64);
    private final MemoryBudget budget;
    private final Intake intake;
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final PipelineMetrics metrics = new PipelineMetrics(meters, List.of("main"));
    private final SimulatedListener listener;
    private final RailWatch rail;
    private final ConnectionLedger.Totals totals = new ConnectionLedger.Totals();
    private final List<Connection> connections = new ArrayList<>();
    private final Ending ending;
    private final Entrance entrance;
    private final Workload workload;

    /** Shippers that may yet connect. */
    private int coming;

    private boolean isStored;
    private boolean isClosed;

    ListenWorld(long seed) {
        random = new SplittableRandom(seed);
        time = new VirtualTime(random.split());
        Replication replication = seed % 2 == 0 ? Replication.NONE : Replication.SYNCHRONOUS;
        double faults = random.nextInt(4) == 0 ? 0 : 0.05;
        cluster = new Cluster(time, new PostgresFaults(random.split(), faults), replication, random.split());
        store = new DatabaseLink(time, random.split(), cluster).store(metrics.storing());
        budget = new MemoryBudget(2L << 20 << random.nextInt(3));
        rail = new RailWatch(time, budget, store);
        intake = new Intake(budget, () -> RuleSet.NONE, ArrayPool.none());
        ending = Ending.values()[(int) Math.floorMod(seed, Ending.values().length)];
        entrance = Entrance.values()[(int) Math.floorMod(seed, Entrance.values().length)];
        time.count(entrance);
        workload = new Workload(random.split());
        Duration age = ending == Ending.BY_AGE ? AGE : Duration.ZERO;
        listener = new SimulatedListener(time, random.split(), intake, protocols, entrance, age);
    }

    private record Connection(SimulatedShipper shipper, ConnectionLedger ledger) {

        /** Whether Sluice wanted it to end. */
        boolean wasSentAway() {
            return ledger.reason == CloseReason.MAX_AGE || ledger.reason == CloseReason.DRAIN;
        }
    }

    /** One history, from the first connection to the close. */
    void run() {
        Disposable running = SimulatedPipeline.run(
                        intake, protocols, Schedulers.fromExecutorService(time.loop("rail")), store, metrics)
                .subscribe(done -> {}, error -> time.fail("the pipeline broke: " + error), () -> isStored = true);
        Disposable watching =
                store.watchPrimary().subscribe(done -> {}, error -> time.fail("the watch failed: " + error));
        coming = 1 + random.nextInt(SHIPPERS_MAX);
        for (int i = 0; i < coming; i++) {
            time.after(Duration.ofMillis(random.nextLong(FAULTS.toMillis())), this::arrive);
        }
        time.after(FAULTS, cluster.faults::end);
        if (ending == Ending.DRAINED || ending == Ending.CUT_WHILE_DRAINED) {
            time.after(Duration.ofMillis(random.nextLong(FAULTS.toMillis())), this::drain);
        }
        stepUntil(() -> coming == 0);
        stepUntil(() -> totals.closed == connections.size());
        intake.complete();
        stepUntil(() -> isStored);
        Disposable closing = store.close().subscribe(done -> {}, error -> {}, () -> isClosed = true);
        stepUntil(() -> isClosed);
        reconcileAll();
        watching.dispose();
        running.dispose();
        closing.dispose();
    }

    private void drain() {
        listener.drain();
        if (ending == Ending.CUT_WHILE_DRAINED) {
            cluster.expected.expectCutLines();
            time.after(Duration.ofMillis(random.nextLong(FAULTS.toMillis())), listener::closeAll);
        }
    }

    private void arrive() {
        SimulatedShipper shipper = new SimulatedShipper(time, random.split(), this::acknowledged);
        shipper.load(workload.of(shipper.conversation()));
        expect(shipper);
        connect(shipper, random.nextInt(5));
    }

    /** As soon as it is gone, or later, it comes again if it has a reason and somebody listens. */
    private void comeAgain(Connection before, int host) {
        SimulatedShipper shipper = before.shipper;
        time.after(Duration.ofMillis(random.nextInt(2000)), () -> {
            if (!shipper.isGone() || before.ledger.closed == 0) {
                comeAgain(before, host);
                return;
            }
            boolean wasSentAway = shipper.isProper() && before.wasSentAway();
            if ((wasSentAway && !listener.isDraining() && !shipper.left().isEmpty()) || shipper.comesAgain()) {
                SimulatedShipper next = shipper.again(random.split());
                next.load(shipper.left());
                connect(next, host);
            } else {
                coming--;
            }
        });
    }

    private void connect(SimulatedShipper shipper, int host) {
        ConnectionLedger ledger = new ConnectionLedger(metrics.listening(), time, totals);
        Connection connection = new Connection(shipper, ledger);
        connections.add(connection);
        String name = "10.0.0." + host;
        Entrance.Way way = entrance.way(shipper, name, random.split());
        InetSocketAddress address = new InetSocketAddress(name, 40_000 + connections.size());
        Wire wire = new Wire(time, random.split(), Duration.ofMillis(20), address, way.end());
        listener.accept(wire, ledger, () -> way.start().accept(wire));
        comeAgain(connection, host);
    }

    private void expect(SimulatedShipper shipper) {
        if (shipper.comesAgain() || (shipper.conversation() == Conversation.FORWARD && ending != Ending.NEVER)) {
            cluster.expected.expectCut();
        }
        if (shipper.isReset()) {
            cluster.expected.expectScraps();
        }
        if (shipper.isWhole()) {
            shipper.units().forEach(unit -> unit.messages().forEach(cluster.expected::expect));
        } else {
            cluster.expected.expectDamage();
        }
    }

    /** What is acknowledged is committed. */
    private void acknowledged(SimulatedShipper shipper, Unit unit) {
        for (String message : unit.messages()) {
            if (!isKept(shipper, message)) {
                time.fail(name(message) + " was acknowledged and is not committed");
            }
        }
    }

    /** A good event is no dead letter; only one that stands beside bytes of no protocol may become one. */
    private boolean isKept(SimulatedShipper shipper, String message) {
        return cluster.tables().hasEvent(name(message))
                || (shipper.isGarbled() && cluster.tables().hasLetter(name(message)));
    }

    private static String name(String message) {
        return message.substring(0, message.indexOf(' '));
    }

    private void stepUntil(BooleanSupplier done) {
        while (!done.getAsBoolean()) {
            if (!time.step(DRAINED)) {
                throw new SimulationFailure("it does not drain: " + budget.inFlight() + " bytes in flight, "
                        + totals.closed + " of " + connections.size() + " connections closed");
            }
            long most = budget.limit()
                    + RESERVE_BYTES
                    + (long) MemoryBudget.UNRESERVED_READ_BYTES * (totals.opened - totals.closed);
            if (budget.inFlight() > most) {
                throw new SimulationFailure(budget.inFlight() + " bytes are in flight, and " + most + " may be");
            }
            rail.look();
        }
    }

    /** Nothing is lost that was sent as it should be, nothing is uncounted, and nothing is held any more. */
    private void reconcileAll() {
        equal("bytes in flight", budget.inFlight(), 0);
        equal("bytes of incomplete frames", budget.incompleteBytes(), 0);
        long rows = cluster.tables().events()
                + cluster.tables().letters()
                + cluster.tables().unnamed();
        equal("rows and duplicates", rows + counted("sluice.events.deduplicated"), counted("sluice.events.received"));
        equal("rows counted", counted("sluice.events.stored") + counted("sluice.dead.letters"), rows);
        connections.forEach(this::reconcile);
    }

    private void reconcile(Connection connection) {
        SimulatedShipper shipper = connection.shipper;
        equal("opened by " + shipper, connection.ledger.opened, 1);
        equal("closed of " + shipper, connection.ledger.closed, 1);
        equal("pauses that did not end of " + shipper, connection.ledger.paused, 0);
        if (shipper.isProper()) {
            reconcileProper(connection);
        }
        checkOrder(shipper);
    }

    private void reconcileProper(Connection connection) {
        SimulatedShipper shipper = connection.shipper;
        CloseReason reason = connection.ledger.reason;
        if (connection.ledger.refusal != null) {
            throw new SimulationFailure("closed for " + connection.ledger.refusal + ": " + shipper);
        }
        if (!connection.wasSentAway()) {
            equal("not answered, closed for " + reason + ": " + shipper, shipper.isAnswered() ? 0 : 1, 0);
            equal("not sent: " + shipper, shipper.left().size(), 0);
            boolean isLate = shipper.isSlow() && reason == CloseReason.IDLE_TIMEOUT; // it has all, and reads of it yet
            if (reason != CloseReason.SHIPPER && !isLate) {
                throw new SimulationFailure("closed for " + reason + ": " + shipper);
            }
        }
        if (ending != Ending.CUT_WHILE_DRAINED || shipper.conversation().isAnswered()) {
            long lost = shipper.done().stream()
                    .flatMap(unit -> unit.messages().stream())
                    .filter(message -> !isKept(shipper, message))
                    .count();
            equal("lost of " + shipper, lost, 0);
        }
    }

    /** The time of receipt orders the events of a connection, but for Forward, where it is those of a message. */
    private void checkOrder(SimulatedShipper shipper) {
        long last = Long.MIN_VALUE;
        for (Unit unit : shipper.units()) {
            last = shipper.conversation() == Conversation.FORWARD ? Long.MIN_VALUE : last;
            for (String message : unit.messages()) {
                if (!cluster.tables().hasEvent(name(message))) {
                    continue;
                }
                long at = cluster.tables().receivedAt(name(message));
                if (at <= last) {
                    throw new SimulationFailure(name(message) + " is not in order: " + shipper);
                }
                last = at;
            }
        }
    }

    private long counted(String meter) {
        return Math.round(meters.find(meter).counters().stream()
                .mapToDouble(Counter::count)
                .sum());
    }

    private static void equal(String what, long seen, long expected) {
        if (seen != expected) {
            throw new SimulationFailure(what + ": " + seen + ", expected " + expected);
        }
    }
}
