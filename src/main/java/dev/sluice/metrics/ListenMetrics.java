package dev.sluice.metrics;

import dev.sluice.event.Origin;
import dev.sluice.event.Protocol;
import dev.sluice.event.Rows;
import dev.sluice.listen.report.ListenObserver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * What the listeners report. One set of meters a configured listener; of a shipper only its address becomes a label.
 */
final class ListenMetrics implements ListenObserver {

    private final MeterRegistry registry;
    private final Map<String, ListenerMeters> listeners = new ConcurrentHashMap<>();
    private final LongAdder busyNanos = new LongAdder();
    private final EnumMeters<Protocol, Counter> acksSent;
    private final ThrottledSources sources;
    private final SourceBytes sourceBytes;

    ListenMetrics(MeterRegistry registry) {
        this.registry = registry;
        acksSent = new EnumMeters<>(
                Protocol.class, protocol -> registry.counter("sluice.acks.sent", "protocol", protocol.label()));
        sources = new ThrottledSources(registry, System::nanoTime);
        sourceBytes = new SourceBytes(registry);
    }

    /** Makes the meters of a listener, so that they are there before its first connection. */
    void register(String listener) {
        listeners.computeIfAbsent(listener, ListenerMeters::new);
    }

    SourceBytes sourceBytes() {
        return sourceBytes;
    }

    /** Time that event loops spent framing, in nanoseconds since the start. */
    long busyNanos() {
        return busyNanos.sum();
    }

    @Override
    public void acceptFailed(String listener) {
        meters(listener).acceptsFailed.increment();
    }

    @Override
    public void opened(String listener) {
        meters(listener).connections.incrementAndGet();
    }

    @Override
    public void closed(String listener, CloseReason reason) {
        ListenerMeters meters = meters(listener);
        meters.connections.decrementAndGet();
        meters.closed.of(reason).increment();
    }

    @Override
    public void left(String source, long bytes) {
        sourceBytes.left(source, bytes);
    }

    @Override
    public void refused(String listener, Refusal reason) {
        ListenerMeters meters = meters(listener);
        meters.connections.decrementAndGet();
        meters.refused.of(reason).increment();
    }

    @Override
    public void read(Origin origin, int bytes, int events, long nanos) {
        ProtocolMeters meters = meters(origin.listener()).protocols.of(origin.protocol());
        meters.bytes.increment(bytes);
        if (events > 0 && isCountedWhenFramed(origin)) {
            meters.events.increment(events);
        }
        busyNanos.add(nanos);
    }

    /** A worker decoded a delivery of frames that hold any number of events. */
    void decoded(Rows.Part part) {
        Origin origin = part.delivery().origin();
        if (!isCountedWhenFramed(origin)) {
            meters(origin.listener())
                    .protocols
                    .of(origin.protocol())
                    .events
                    .increment(part.events() + part.filtered() + part.deadLetters());
        }
    }

    private static boolean isCountedWhenFramed(Origin origin) {
        return origin.protocol() != Protocol.FORWARD;
    }

    @Override
    public void discarded(Origin origin, Discard why, int bytes) {
        meters(origin.listener()).discarded.of(why).increment(bytes);
    }

    @Override
    public void wentOn(Origin origin, int events) {
        meters(origin.listener()).wentOn.increment(events);
    }

    @Override
    public void acknowledged(Protocol protocol, int acks) {
        acksSent.of(protocol).increment(acks);
    }

    @Override
    public Pause throttled(Origin origin, Wait why) {
        WaitingTime listener = meters(origin.listener()).waits.of(why);
        listener.begin();
        WaitingTime source = sources.begin(origin.source());
        return () -> {
            listener.end();
            source.end();
        };
    }

    private ListenerMeters meters(String listener) {
        ListenerMeters known = listeners.get(listener);
        return known == null ? listeners.computeIfAbsent(listener, ListenerMeters::new) : known;
    }

    private record ProtocolMeters(Counter bytes, Counter events) {}

    private final class ListenerMeters {
        final AtomicInteger connections = new AtomicInteger();
        final EnumMeters<Wait, WaitingTime> waits =
                new EnumMeters<>(Wait.class, why -> new WaitingTime(System::nanoTime));
        final Counter acceptsFailed;
        final Counter wentOn;
        final EnumMeters<Refusal, Counter> refused;
        final EnumMeters<CloseReason, Counter> closed;
        final EnumMeters<Discard, Counter> discarded;
        final EnumMeters<Protocol, ProtocolMeters> protocols;

        ListenerMeters(String listener) {
            Tags tags = Tags.of("listener", listener);
            registry.gauge("sluice.connections", tags, connections);
            registry.gauge("sluice.connections.throttled", tags, this, ListenerMeters::waiting);
            FunctionCounter.builder("sluice.throttled.seconds", this, ListenerMeters::waitedSeconds)
                    .tags(tags)
                    .register(registry);
            for (Wait why : Wait.values()) {
                registry.gauge(
                        "sluice.connections.waiting",
                        tags.and("reason", Labels.of(why)),
                        waits.of(why),
                        WaitingTime::waiting);
            }
            wentOn = registry.counter("sluice.events.continued", tags);
            acceptsFailed = registry.counter("sluice.accepts.failed", tags);
            refused = new EnumMeters<>(
                    Refusal.class,
                    reason -> registry.counter("sluice.connections.rejected", tags.and("reason", Labels.of(reason))));
            closed = new EnumMeters<>(
                    CloseReason.class,
                    reason -> registry.counter("sluice.connections.closed", tags.and("reason", Labels.of(reason))));
            discarded = new EnumMeters<>(
                    Discard.class,
                    reason -> registry.counter("sluice.discarded.bytes", tags.and("reason", Labels.of(reason))));
            protocols = new EnumMeters<>(Protocol.class, protocol -> {
                Tags both = tags.and("protocol", protocol.label());
                return new ProtocolMeters(
                        registry.counter("sluice.received.bytes", both),
                        registry.counter("sluice.events.received", both));
            });
        }

        int waiting() {
            return Stream.of(Wait.values())
                    .mapToInt(why -> waits.of(why).waiting())
                    .sum();
        }

        double waitedSeconds() {
            return Stream.of(Wait.values())
                    .mapToDouble(why -> waits.of(why).seconds())
                    .sum();
        }
    }
}
