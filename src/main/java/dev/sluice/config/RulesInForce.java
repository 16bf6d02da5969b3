package dev.sluice.config;

import static java.util.Objects.requireNonNullElse;

import dev.sluice.event.RowGrowth;
import dev.sluice.event.RuleSet;
import dev.sluice.rule.ReloadObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rules that new frame batches go through: those of the start, until the file they stand in holds others that are
 * right. A file that is missing, wrong, or needs more memory than there is changes nothing but what is said of it.
 *
 * <p>The content is compared, not its time: Kubernetes swaps a link that leads to a folder, and no notice of the kernel
 * comes for that. What is new counts when it was the same at two looks, because an editor may be half through.
 */
public final class RulesInForce implements Supplier<RuleSet> {

    /** Between two looks. */
    public static final Duration PERIOD = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(RulesInForce.class);
    private static final int SAID_MISTAKES_MAX = 10;
    private static final int SAID_CHARACTERS_MAX = 2000;

    private final @Nullable RulesFile file;
    private final Consumer<RowGrowth> memory;
    private final ReloadObserver observer;
    private volatile RuleSet current;
    private volatile Status status;

    /** At the last look. */
    private String seen;

    /** What was taken or refused last. */
    private String judged;

    /**
     * What is to be said of them.
     *
     * @param version of the file that they come from
     * @param refusal why those that stand there now are not in force
     */
    private record Status(
            List<String> names,
            String version,
            Instant since,
            boolean isOutdated,
            @Nullable String refusal) {

        Status pending(boolean outdated) {
            return new Status(names, version, since, outdated, outdated ? refusal : null);
        }

        Status refused(String why) {
            return new Status(names, version, since, true, why);
        }
    }

    /**
     * Begins with those of the start.
     *
     * @param memory refuses a growth of rows that the JVM does not hold, with a {@link StartupException}
     */
    public RulesInForce(WorkerRules start, Consumer<RowGrowth> memory, ReloadObserver observer) {
        file = start.file();
        this.memory = memory;
        this.observer = observer;
        current = start.reportingTo(observer.ruling(start.names()));
        status = new Status(start.names(), start.version(), Instant.now(), false, null);
        seen = start.version();
        judged = start.version();
    }

    @Override
    public RuleSet get() {
        return current;
    }

    /** Whether they stand in a file that may change. */
    public boolean isReloadable() {
        return file != null;
    }

    /** Whether other rules stand in the file than are in force, or none that can be read. */
    public boolean isOutdated() {
        return status.isOutdated();
    }

    /** For those who look at the service. */
    public Map<String, Object> details() {
        Status now = status;
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("names", now.names());
        if (file != null) {
            details.put("file", file.toString());
            details.put("version", now.version());
            details.put("since", now.since().toString());
            details.put("outdated", now.isOutdated());
        }
        if (now.refusal() != null) {
            details.put("refused", now.refusal());
        }
        return details;
    }

    /** Looks at the file. Reads it, so not on a thread that must not wait. */
    public synchronized void look() {
        if (file == null) {
            return;
        }
        RulesFile.Content content = file.read();
        boolean isSettled = content.identity().equals(seen);
        seen = content.identity();
        if (!isSettled) {
            judged = ""; // what stood there before may come back, and is judged anew
            status = status.pending(!seen.equals(status.version()));
        } else if (!seen.equals(judged)) {
            judged = seen;
            judge(file, content);
        }
    }

    private void judge(RulesFile from, RulesFile.Content content) {
        if (seen.equals(status.version())) {
            LOG.info("{} holds the rules that are in force again", from);
            return;
        }
        try {
            WorkerRules next = from.rules(content);
            memory.accept(next.growth());
            // The meters are there before the first event is counted.
            current = next.reportingTo(observer.ruling(next.names()));
            status = new Status(next.names(), next.version(), Instant.now(), false, null);
            observer.reloaded(true);
            LOG.info(
                    "New rules are in force: {} in {}, version {}", next.names().size(), from, next.version());
        } catch (RuntimeException wrong) {
            String why = inOneLine(wrong instanceof StartupException ? wrong.getMessage() : wrong.toString());
            status = status.refused(why);
            observer.reloaded(false);
            LOG.warn("The rules are not taken, those before stay in force: {}", why);
        }
    }

    private static String inOneLine(@Nullable String lines) {
        List<String> all = requireNonNullElse(lines, "no reason is given")
                .lines()
                .map(String::strip)
                .toList();
        String line = all.stream().limit(1L + SAID_MISTAKES_MAX).collect(Collectors.joining(" "))
                + (all.size() > 1 + SAID_MISTAKES_MAX ? " and " + (all.size() - 1 - SAID_MISTAKES_MAX) + " more" : "");
        return line.length() <= SAID_CHARACTERS_MAX ? line : line.substring(0, SAID_CHARACTERS_MAX) + "...";
    }
}
