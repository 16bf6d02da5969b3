package dev.sluice.config;

import static java.util.Objects.requireNonNull;

import dev.sluice.event.RowEncoder;
import dev.sluice.event.RowGrowth;
import dev.sluice.rule.RuleObserver;
import dev.sluice.rule.Rules;
import dev.sluice.rule.settings.RuleEnvironment;
import dev.sluice.rule.settings.RuleMistakesException;
import dev.sluice.rule.settings.SettingTree;
import java.util.List;
import org.springframework.core.env.ConfigurableEnvironment;

/** The configured rules, checked once at start, made anew for each worker: rules are not thread-safe. */
public final class WorkerRules {

    private final SettingTree settings;
    private final RuleEnvironment environment;
    private final Rules checked;

    /** Reads those of {@code sluice.pipeline.processors}. */
    public static WorkerRules of(ConfigurableEnvironment environment, SluiceProperties properties) {
        return new WorkerRules(
                ProcessorSettings.read(environment),
                new RuleEnvironment(
                        properties.syslog().zone(), properties.json().maxDepth(), System::getenv));
    }

    /** Checks {@code settings}. */
    public WorkerRules(SettingTree settings, RuleEnvironment environment) {
        this.settings = settings;
        this.environment = environment;
        checked = make();
    }

    private Rules make() {
        try {
            return Rules.compile(settings, environment);
        } catch (RuleMistakesException mistakes) {
            throw new StartupException(
                    requireNonNull(mistakes.getMessage()),
                    "Correct them; --sluice.dry-run with some events on the standard input shows what the rules do.",
                    mistakes);
        }
    }

    /** In the order in which events meet them. */
    public List<String> names() {
        return checked.names();
    }

    /** By how much they may lengthen an event. */
    public RowGrowth growth() {
        return checked.growth();
    }

    /** The encoder with one worker's rules before it; without any, the encoder itself. */
    public RowEncoder before(RowEncoder encoder, RuleObserver observer) {
        return checked.isEmpty() ? encoder : make().before(encoder, observer);
    }
}
