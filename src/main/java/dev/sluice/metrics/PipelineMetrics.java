package dev.sluice.metrics;

import dev.sluice.event.Delivery;
import dev.sluice.event.FrameBatch;
import dev.sluice.event.Protocol;
import dev.sluice.event.Rows;
import dev.sluice.listen.budget.MemoryBudget;
import dev.sluice.listen.report.ListenObserver;
import dev.sluice.process.FrameBatchProcessor.WorkerObserver;
import dev.sluice.rule.ReloadObserver;
import dev.sluice.rule.RuleObserver;
import dev.sluice.store.EventStore;
import dev.sluice.store.ReplayedLetter;
import dev.sluice.store.StoreObserver;
import dev.sluice.store.batch.Batch;
import dev.sluice.store.schema.DatabaseFinding;
import dev.sluice.store.schema.IndexKeeper;
import dev.sluice.store.schema.Ledger;
import dev.sluice.store.schema.PartitionKeeper;
import dev.sluice.tail.Tail;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The meters of the whole way. What they must add up to, once nothing is in flight:
 *
 * <pre>
 * sluice_events_received = sluice_events_stored + sluice_events_filtered + sluice_dead_letters + sluice_events_deduplicated
 *                        + sluice_rows_suppressed{table="log_event"}
 * </pre>
 *
 * <p>Everything is counted a read, a frame batch or a batch at a time, never an event at a time.
 */
public final class PipelineMetrics implements ReloadObserver {

    private final MeterRegistry registry;
    private final ListenMetrics listen;
    private final StoreMetrics store;
    private final RuleLabels ruleLabels = new RuleLabels();
    private final Counter reloadsAccepted;
    private final Counter reloadsRefused;
    private final LongAdder workerNanos = new LongAdder();
    private final EnumMeters<Protocol, Timer> latency;

    /** The frame batches on their way, by their first delivery: only its identity counts. */
    private final Map<Delivery, Boolean> underway = Collections.synchronizedMap(new IdentityHashMap<>());

    private volatile @Nullable MemoryBudget waitedFor;

    /** Meters in {@code registry} for the listeners of these names. */
    public PipelineMetrics(MeterRegistry registry, Iterable<String> listeners) {
        this.registry = registry;
        listen = new ListenMetrics(registry);
        listeners.forEach(listen::register);
        store = new StoreMetrics(registry);
        reloadsAccepted = registry.counter("sluice.rules.reloads", "result", "accepted");
        reloadsRefused = registry.counter("sluice.rules.reloads", "result", "refused");
        latency = new EnumMeters<>(
                Protocol.class,
                protocol -> Timer.builder("sluice.event.latency")
                        .tag("protocol", protocol.label())
                        .serviceLevelObjectives(Buckets.SECONDS)
                        .register(registry));
        TimeGauge.builder("sluice.oldest.unacked", this, TimeUnit.SECONDS, PipelineMetrics::oldestUnackedSeconds)
                .register(registry);
    }

    /** Where the listeners report. */
    public ListenObserver listening() {
        return listen;
    }

    /** Who sends most. */
    public SourceBytes sourceBytes() {
        return listen.sourceBytes();
    }

    /** Where the workers report. */
    public WorkerObserver working() {
        return (rows, busyNanos) -> {
            workerNanos.add(busyNanos);
            rows.parts().forEach(listen::decoded);
        };
    }

    /** The meters of rules that are no longer in force stay. */
    @Override
    public RuleObserver ruling(List<String> names) {
        return new RuleMetrics(registry, names, ruleLabels);
    }

    @Override
    public void reloaded(boolean isAccepted) {
        (isAccepted ? reloadsAccepted : reloadsRefused).increment();
    }

    /** Shows whether others stand in their file than are in force. */
    public void watchRules(BooleanSupplier isOutdated) {
        gauge("sluice.rules.outdated", isOutdated, outdated -> outdated.getAsBoolean() ? 1 : 0);
    }

    /** Where the store reports. */
    public StoreObserver storing() {
        return store;
    }

    /** A batch of a replay was committed: dead letters, and what became of them. */
    public void replayed(List<ReplayedLetter> letters) {
        store.replayed(letters);
    }

    /** Shows the budget. */
    public void watch(MemoryBudget budget) {
        waitedFor = budget;
        gauge("sluice.inflight.bytes", budget, MemoryBudget::inFlight);
        gauge("sluice.inflight.limit.bytes", budget, MemoryBudget::limit);
        gauge("sluice.inflight.incomplete.bytes", budget, MemoryBudget::incompleteBytes);
    }

    /** Shows how many connections a listener takes at a time. */
    public void limit(String listener, Supplier<Number> connectionsMax) {
        Gauge.builder("sluice.connections.limit", connectionsMax)
                .tag("listener", listener)
                .strongReference(true)
                .register(registry);
    }

    /** Shows how long the certificate that a listener shows is still good. */
    public void certificate(String listener, Supplier<Instant> expiry) {
        Gauge.builder(
                        "sluice.tls.certificate.expiry.seconds",
                        expiry,
                        ends -> Duration.between(Instant.now(), ends.get()).toSeconds())
                .tag("listener", listener)
                .strongReference(true)
                .register(registry);
    }

    /** Shows how many look at the events that come, and what they were not shown. */
    public void watch(Tail tail) {
        gauge("sluice.tail.listeners", tail, shown -> shown.listeners().size());
        FunctionCounter.builder("sluice.tail.lost", tail, Tail::lost).register(registry);
    }

    /** Shows for how long rows will find a partition, and what is in the way of removing old ones. */
    public void watch(PartitionKeeper partitions) {
        gauge("sluice.partition.horizon.seconds", partitions, PartitionKeeper::horizonSeconds);
        gauge("sluice.partition.overdue.days", partitions, PartitionKeeper::overdueDays);
        gauge("sluice.clock.skew.seconds", partitions, PartitionKeeper::skewSeconds);
        for (Ledger.Table table : Ledger.Table.values()) {
            Ledger ledger = partitions.ledger();
            Gauge.builder("sluice.ledger.bytes", ledger, state -> state.bytes(table))
                    .tag("table", Labels.of(table))
                    .strongReference(true)
                    .register(registry);
            Gauge.builder("sluice.ledger.overdue.seconds", ledger, state -> state.overdueSeconds(table))
                    .tag("table", Labels.of(table))
                    .strongReference(true)
                    .register(registry);
        }
        for (DatabaseFinding finding : DatabaseFinding.values()) {
            Gauge.builder(
                            "sluice.database.findings",
                            partitions,
                            keeper -> keeper.findings().containsKey(finding) ? 1 : 0)
                    .tag("finding", Labels.of(finding))
                    .strongReference(true)
                    .register(registry);
        }
        for (PartitionKeeper.Refusal reason : PartitionKeeper.Refusal.values()) {
            FunctionCounter.builder("sluice.removal.refused", partitions, keeper -> keeper.refusals(reason))
                    .tag("reason", Labels.of(reason))
                    .register(registry);
        }
    }

    /** Shows what days that are over get. */
    public void watch(IndexKeeper indexes) {
        gauge("sluice.index.lacking.days", indexes, IndexKeeper::lackingDays);
        TimeGauge.builder("sluice.index.last.build", indexes, TimeUnit.SECONDS, IndexKeeper::lastSeconds)
                .strongReference(true)
                .register(registry);
        FunctionCounter.builder("sluice.index.builds", indexes, IndexKeeper::built)
                .tag("outcome", "built")
                .register(registry);
        FunctionCounter.builder("sluice.index.builds", indexes, IndexKeeper::failed)
                .tag("outcome", "failed")
                .register(registry);
    }

    /** Shows how busy the stages are, and which of them holds the others up. */
    public void watch(int loops, int workers, EventStore lanes) {
        StageUtilization stages = new StageUtilization(
                new StageUtilization.Source(listen::busyNanos, loops),
                new StageUtilization.Source(workerNanos::sum, workers),
                new StageUtilization.Source(lanes::saturatedNanos, 1),
                this::isCrowded);
        for (StageUtilization.Stage stage : StageUtilization.Stage.values()) {
            Gauge.builder("sluice.bottleneck", stages, all -> all.bottleneck() == stage ? 1 : 0)
                    .tag("stage", Labels.of(stage))
                    .strongReference(true)
                    .register(registry);
            if (stage != StageUtilization.Stage.IDLE && stage != StageUtilization.Stage.READ) {
                Gauge.builder("sluice.stage.utilization.ratio", stages, all -> all.ratio(stage))
                        .tag("stage", Labels.of(stage))
                        .strongReference(true)
                        .register(registry);
            }
        }
    }

    /** A frame batch leaves for the rail. */
    public void takenByRail(FrameBatch frameBatch) {
        underway.put(frameBatch.deliveries().getFirst(), Boolean.TRUE);
    }

    /** A batch is committed. */
    public void committed(Batch batch) {
        long now = System.nanoTime();
        for (Rows rows : batch.rows()) {
            List<Rows.Part> parts = rows.parts();
            for (Rows.Part part : parts) {
                Protocol protocol = part.delivery().origin().protocol();
                latency.of(protocol).record(now - part.delivery().readNanos(), TimeUnit.NANOSECONDS);
                if (batch.isDuplicate(part)) {
                    store.deduplicated(protocol, part.events() + part.deadLetters());
                } else {
                    part.rejected().forEach(store::deadLettersStored);
                }
            }
            underway.remove(parts.getFirst().delivery());
        }
    }

    private boolean isCrowded() {
        MemoryBudget budget = waitedFor;
        return budget != null && budget.isCrowded();
    }

    private double oldestUnackedSeconds() {
        synchronized (underway) {
            long now = System.nanoTime();
            MemoryBudget budget = waitedFor;
            long waited = budget == null ? 0 : budget.longestWaitNanos(now); // what it sends is not even read
            long oldest = underway.keySet().stream()
                    .mapToLong(delivery -> now - delivery.readNanos())
                    .reduce(waited, Math::max);
            return (double) oldest / TimeUnit.SECONDS.toNanos(1);
        }
    }

    private <T> void gauge(String name, T source, ToDoubleFunction<T> value) {
        Gauge.builder(name, source, value).strongReference(true).register(registry);
    }
}
