package dev.sluice.simulation;

import dev.sluice.event.RejectReason;
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

    private static final Duration FAULTS = Duration.ofMinutes(1);

    /** A deadline of five seconds doubles up to 80; a frozen server and a lock may each use up some of them. */
    private static final Duration DRAINED = Duration.ofMinutes(30);

    final VirtualTime time;
    final Postgres postgres;
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
    private boolean isComplete;
    private boolean isClosed;

    /** A world in which the seed decides everything. */
    static StoreWorld of(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double bad = random.nextBoolean() ? 0.1 : 0;
        return new StoreWorld(random, random.nextInt(4) == 0 ? 0 : random.nextDouble() * 0.15, bad);
    }

    /** One in which nothing fails by itself. */
    static StoreWorld quiet() {
        return new StoreWorld(new SplittableRandom(0), 0, 0);
    }

    private StoreWorld(SplittableRandom random, double faults, double bad) {
        this.random = random;
        this.bad = bad;
        time = new VirtualTime(random.split());
        postgres = new Postgres(time, new PostgresFaults(random.split(), faults));
        shipments = new Shipments(time.loop("worker"), random.split(), this::acknowledged);
        store = new DatabaseLink(time, random.split(), postgres).store(this);
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
        time.after(FAULTS, postgres.faults::end);
        stepUntil(() -> acks == deliveries, DRAINED);
        shipments.complete();
        stepUntil(() -> isComplete, DRAINED.plusMinutes(1));
        Disposable closing = store.close().subscribe(done -> {}, error -> {}, () -> isClosed = true);
        stepUntil(() -> isClosed, DRAINED.plusMinutes(2));
        reconcile();
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
        next.messages().forEach(message -> postgres.expect(message.substring(0, message.indexOf(' ')), message));
        shipments.offer(next);
    }

    /** What is acknowledged is committed: each event of it as a row, or as a dead letter where it was refused. */
    private void acknowledged(Shipment shipment) {
        acks++;
        for (String message : shipment.messages()) {
            String name = message.substring(0, message.indexOf(' '));
            boolean isStored = BadRows.isBad(message) ? postgres.hasLetter(name) : postgres.hasEvent(name);
            if (!isStored) {
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
        time.fail(lost + " events are said to be lost, and none is");
    }

    @Override
    public void rowsSuppressed(int lostEvents, int lostLetters) {
        time.fail("rows are said to be suppressed, and none is");
    }

    /** Nothing is uncounted, and nothing is left open. */
    private void reconcile() {
        equal("rows that nobody sent", postgres.unnamed(), 0);
        equal("events in the tables", postgres.events() + postgres.letters(), events);
        equal("rows counted as stored", counted, events);
        equal("dead letters counted", refused, postgres.letters());
        equal("acknowledgements", acks, deliveries);
        stepUntil(() -> postgres.openSessions() == 0, DRAINED.plusMinutes(5));
    }

    private static void equal(String what, long seen, long expected) {
        if (seen != expected) {
            throw new SimulationFailure(what + ": " + seen + ", expected " + expected);
        }
    }
}
