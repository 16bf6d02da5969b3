package dev.sluice.store.database;

import static java.util.stream.Collectors.joining;

import io.r2dbc.spi.R2dbcException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Who of the configured hosts is written to, from what they answer: the one with the newest timeline of those that take
 * writes, and none whose timeline is older than one that was seen before. Knows neither sockets nor clocks.
 */
final class HostChoice {

    static final String NO_CONNECTION = "08001";

    private final List<HostAddress> hosts;
    private final Timelines timelines;
    private final SequencedMap<HostAddress, HostAnswer> answers = new LinkedHashMap<>();

    HostChoice(List<HostAddress> hosts, Timelines timelines) {
        this.hosts = hosts;
        this.timelines = timelines;
    }

    /** Takes a host's answer, which replaces its earlier one. */
    void answered(HostAddress host, HostAnswer answer) {
        answers.put(host, answer);
        if (answer instanceof HostAnswer.Primary primary) {
            timelines.seen(primary.timeline());
        }
    }

    /** Whether every host has answered, or been given up: there is nothing more to wait for. */
    boolean isOver() {
        return answers.size() == hosts.size();
    }

    /** The host to write to, if there is one. */
    Optional<HostAddress> winner() {
        @Nullable HostAddress best = null;
        Timeline newest = Timeline.UNKNOWN;
        for (Map.Entry<HostAddress, HostAnswer> each : answers.entrySet()) {
            if (each.getValue() instanceof HostAnswer.Primary primary
                    && !timelines.isOutdated(primary.timeline())
                    && (best == null || newest.isOlderThan(primary.timeline()))) {
                best = each.getKey();
                newest = primary.timeline();
            }
        }
        return Optional.ofNullable(best);
    }

    /** Those that take writes although another one was promoted since: they must not be written to. */
    List<HostAddress> outdated() {
        return answers.entrySet().stream()
                .filter(each -> each.getValue() instanceof HostAnswer.Primary primary
                        && timelines.isOutdated(primary.timeline()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Each host with its answer, in the order in which they are configured. */
    @Override
    public String toString() {
        return hosts.stream().map(host -> host + ": " + describe(host)).collect(joining("; "));
    }

    private String describe(HostAddress host) {
        HostAnswer answer = answers.get(host);
        if (answer == null) {
            return "no answer yet";
        }
        if (answer instanceof HostAnswer.Primary primary && timelines.isOutdated(primary.timeline())) {
            return "it takes writes, but is " + primary.timeline() + ", and one " + timelines.newest()
                    + " was seen: it is not written to (restart Sluice if the older one is meant to be)";
        }
        return answer.toString();
    }

    /**
     * Why there is no winner. A host that knows us and refuses us may be the one that is missing: its reason counts.
     */
    NoPrimaryException failure() {
        return answers.values().stream()
                .filter(HostAnswer.Refused.class::isInstance)
                .map(answer -> ((HostAnswer.Refused) answer).error())
                .filter(error -> error instanceof R2dbcException refusal && isFromServer(refusal))
                .findFirst()
                .map(error -> new NoPrimaryException(toString(), ((R2dbcException) error).getSqlState(), error))
                .orElseGet(() -> new NoPrimaryException(toString(), NO_CONNECTION, null));
    }

    private static boolean isFromServer(R2dbcException refusal) {
        String state = refusal.getSqlState();
        return state != null && !state.startsWith("08") && !state.startsWith("57");
    }
}
