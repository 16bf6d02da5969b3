package dev.sluice.admin.status;

import dev.sluice.admin.status.Status.ThrottledRow;
import dev.sluice.listen.TcpListener;
import dev.sluice.store.EventStore;
import dev.sluice.store.LaneStatus;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Takes pictures of the service, from its meters where there is one. Any thread. */
public final class StatusReader implements Supplier<byte[]> {

    private static final int THROTTLED_MAX = 20;

    private final MeterRegistry registry;
    private final List<TcpListener> listeners;
    private final EventStore store;
    private final Configured configured;
    private final JsonMapper json;
    private final long startNanos = System.nanoTime();

    /**
     * What no meter tells.
     *
     * @param revision the commit it was built from
     * @param findings what the database's owner set
     * @param rules which rules are in force
     * @param retentionAction what becomes of a day that is too old; {@code external} where others decide it
     */
    public record Configured(
            String version,
            String revision,
            Supplier<Map<String, String>> findings,
            Supplier<Map<String, Long>> topSources,
            Supplier<? extends Map<String, ?>> rules,
            long retentionDays,
            String retentionAction) {}

    public StatusReader(
            MeterRegistry registry,
            List<TcpListener> listeners,
            EventStore store,
            Configured configured,
            JsonMapper json) {
        this.registry = registry;
        this.listeners = listeners;
        this.store = store;
        this.configured = configured;
        this.json = json;
    }

    /** A new picture, as JSON in one line. */
    @Override
    public byte[] get() {
        return json.writeValueAsBytes(take());
    }

    Status take() {
        Meters meters = new Meters(registry);
        return new Status(
                Instant.now(),
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos),
                configured.version(),
                configured.revision(),
                store.haltedBy().orElse(null),
                configured.findings.get(),
                totals(meters),
                stages(meters),
                new Status.Budget(
                        meters.total("sluice.inflight.bytes"),
                        meters.total("sluice.inflight.incomplete.bytes"),
                        meters.total("sluice.inflight.limit.bytes")),
                store.lanes().stream().map(StatusReader::lane).toList(),
                listeners(meters),
                connections(),
                rows(configured.topSources.get()),
                throttled(meters),
                deadLetters(meters),
                new Status.Partitions(
                        meters.orNull("sluice.partition.horizon.seconds"),
                        meters.orNull("sluice.partition.overdue.days"),
                        configured.retentionDays,
                        configured.retentionAction),
                configured.rules.get());
    }

    private static Status.Totals totals(Meters meters) {
        return new Status.Totals(
                meters.total("sluice.received.bytes"),
                meters.total("sluice.events.received"),
                meters.total("sluice.events.stored"),
                meters.total("sluice.events.filtered"),
                meters.total("sluice.events.deduplicated"),
                meters.total("sluice.dead.letters"),
                meters.total("sluice.acks.sent"),
                meters.total("sluice.write.retries"));
    }

    private static Status.Stages stages(Meters meters) {
        String bottleneck = meters.by("sluice.bottleneck", "stage").entrySet().stream()
                .filter(stage -> stage.getValue() > 0)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse("idle");
        Map<String, Double> busy = new LinkedHashMap<>();
        Map<String, Double> ratios = meters.by("sluice.stage.utilization.ratio", "stage");
        for (String stage : List.of("decode", "process", "store")) {
            busy.put(stage, ratios.getOrDefault(stage, 0.0));
        }
        return new Status.Stages(bottleneck, busy, meters.sum("sluice.oldest.unacked"));
    }

    private static Status.LaneRow lane(LaneStatus lane) {
        return new Status.LaneRow(
                lane.state().name().toLowerCase(Locale.ROOT),
                TimeUnit.NANOSECONDS.toMillis(lane.busyNanos()),
                lane.haltedBy().orElse(null));
    }

    private List<Status.ListenerRow> listeners(Meters meters) {
        Map<String, Double> open = meters.by("sluice.connections", "listener");
        Map<String, Double> limits = meters.by("sluice.connections.limit", "listener");
        Map<String, Double> certificates = meters.by("sluice.tls.certificate.expiry.seconds", "listener");
        return listeners.stream()
                .map(each -> new Status.ListenerRow(
                        each.name(),
                        each.port(),
                        rounded(open.get(each.name())),
                        rounded(limits.get(each.name())),
                        certificates.containsKey(each.name()) ? rounded(certificates.get(each.name())) : null))
                .toList();
    }

    private Status.Connections connections() {
        Crowd crowd = new Crowd(System.nanoTime());
        listeners.forEach(listener -> listener.look(crowd::add));
        return crowd.rows();
    }

    private static List<Status.SourceRow> rows(Map<String, Long> sources) {
        return sources.entrySet().stream()
                .map(source -> new Status.SourceRow(source.getKey(), source.getValue()))
                .toList();
    }

    private static List<ThrottledRow> throttled(Meters meters) {
        return meters.by("sluice.source.throttled.seconds", "source").entrySet().stream()
                .filter(source -> source.getValue() > 0)
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .limit(THROTTLED_MAX)
                .map(source -> new ThrottledRow(source.getKey(), source.getValue()))
                .toList();
    }

    private static Map<String, Long> deadLetters(Meters meters) {
        return meters.by("sluice.dead.letters", "reason").entrySet().stream()
                .filter(reason -> reason.getValue() > 0)
                .collect(Collectors.toMap(Map.Entry::getKey, reason -> rounded(reason.getValue())));
    }

    private static long rounded(@Nullable Double value) {
        return value == null ? 0 : Math.round(value);
    }
}
