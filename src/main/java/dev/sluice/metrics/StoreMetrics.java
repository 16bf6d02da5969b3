package dev.sluice.metrics;

import dev.sluice.event.Protocol;
import dev.sluice.event.RejectReason;
import dev.sluice.store.ReplayOutcome;
import dev.sluice.store.ReplayedLetter;
import dev.sluice.store.StoreObserver;
import dev.sluice.store.batch.Batch;
import dev.sluice.store.failure.TransactionPhase;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What the store reports. */
final class StoreMetrics implements StoreObserver {

    private final MeterRegistry registry;
    private final AtomicInteger commitsUnsafely = new AtomicInteger();
    private final Counter stored;
    private final Counter lost;
    private final Counter suppressedEvents;
    private final Counter suppressedDeadLetters;
    private final DistributionSummary batchEvents;
    private final DistributionSummary batchBytes;
    private final EnumMeters<RejectReason, Counter> deadLetters;
    private final EnumMeters<Protocol, Counter> deduplicated;
    private final EnumMeters<TransactionPhase, Timer> succeeded;
    private final EnumMeters<TransactionPhase, Timer> failed;
    private final EnumMeters<Resolution, Counter> unknown;
    private final EnumMeters<ReplayOutcome, Counter> replayed;

    StoreMetrics(MeterRegistry registry) {
        this.registry = registry;
        stored = registry.counter("sluice.events.stored");
        lost = registry.counter("sluice.events.lost.by.database");
        suppressedEvents = registry.counter("sluice.rows.suppressed", "table", "log_event");
        suppressedDeadLetters = registry.counter("sluice.rows.suppressed", "table", "dead_letter");
        Gauge.builder("sluice.synchronous.commit.off", commitsUnsafely, AtomicInteger::get)
                .register(registry);
        batchEvents = DistributionSummary.builder("sluice.batch.events")
                .serviceLevelObjectives(1, 10, 100, 1_000, 5_000, 10_000, 20_000)
                .register(registry);
        batchBytes = DistributionSummary.builder("sluice.batch.bytes")
                .serviceLevelObjectives(1 << 10, 16 << 10, 256 << 10, 1 << 20, 4 << 20, 8 << 20)
                .register(registry);
        deadLetters = new EnumMeters<>(
                RejectReason.class, reason -> registry.counter("sluice.dead.letters", "reason", reason.label()));
        deduplicated = new EnumMeters<>(
                Protocol.class,
                protocol -> registry.counter("sluice.events.deduplicated", "protocol", protocol.label()));
        succeeded = new EnumMeters<>(TransactionPhase.class, phase -> timer(phase, "success"));
        failed = new EnumMeters<>(TransactionPhase.class, phase -> timer(phase, "failure"));
        unknown = new EnumMeters<>(
                Resolution.class,
                resolution -> registry.counter("sluice.commit.unknown", "resolution", Labels.of(resolution)));
        replayed = new EnumMeters<>(
                ReplayOutcome.class, outcome -> registry.counter("sluice.replayed", "outcome", outcome.label()));
    }

    private Timer timer(TransactionPhase phase, String outcome) {
        return Timer.builder("sluice.write")
                .tag("phase", Labels.of(phase))
                .tag("outcome", outcome)
                .serviceLevelObjectives(Buckets.SECONDS)
                .register(registry);
    }

    @Override
    public void phaseEnded(TransactionPhase phase, boolean ok, long nanos) {
        Timer timer = (ok ? succeeded : failed).of(phase);
        timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void batchStored(Batch batch, int notKept) {
        stored.increment(batch.events() - batch.duplicateEvents() - (double) notKept);
        batchEvents.record(batch.events());
        batchBytes.record((double) batch.bytes());
    }

    @Override
    public void connected(boolean synchronousCommit) {
        commitsUnsafely.set(synchronousCommit ? 0 : 1);
    }

    @Override
    public void rowsSuppressed(int events, int deadLetters) {
        suppressedEvents.increment(events);
        suppressedDeadLetters.increment(deadLetters);
    }

    @Override
    public void lostByDatabase(long events) {
        lost.increment((double) events);
    }

    @Override
    public void retried(String reason) {
        registry.counter("sluice.write.retries", "reason", reason).increment();
    }

    @Override
    public void commitResolved(Resolution resolution) {
        unknown.of(resolution).increment();
    }

    @Override
    public void deadLettersStored(RejectReason reason, int count) {
        deadLetters.of(reason).increment(count);
    }

    /** What became of dead letters. */
    void replayed(List<ReplayedLetter> letters) {
        letters.forEach(letter -> replayed.of(letter.outcome()).increment());
    }

    /** So many events and dead letters were left out, because their delivery was committed before. */
    void deduplicated(Protocol protocol, int count) {
        deduplicated.of(protocol).increment(count);
    }
}
