package dev.sluice.config;

import static java.util.Objects.requireNonNull;

import dev.sluice.event.RowEncoder;
import dev.sluice.event.RowGrowth;
import dev.sluice.event.RuleSet;
import dev.sluice.rule.RuleObserver;
import dev.sluice.rule.Rules;
import dev.sluice.rule.settings.InvalidRulesException;
import dev.sluice.rule.settings.RuleEnvironment;
import dev.sluice.rule.settings.SettingTree;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.ConfigurableEnvironment;

/** Rules as they were configured, checked, made anew for each worker: rules are not thread-safe. */
public final class WorkerRules {

    private final SettingTree settings;
    private final RuleEnvironment environment;
    private final @Nullable RulesFile file;
    private final String version;
    private final List<String> names;
    private final RowGrowth growth;

    /** Reads those of {@code sluice.pipeline.processors}, or of the file that stands for them. */
    public static WorkerRules of(ConfigurableEnvironment environment, SluiceProperties properties) {
        RuleEnvironment known = new RuleEnvironment(
                properties.syslog().zone(), properties.json().maxDepth(), System::getenv);
        SettingTree listed = ProcessorSettings.read(environment);
        String path = properties.pipeline().processorsFile();
        if (path.isEmpty()) {
            return new WorkerRules(listed, known);
        }
        if (!listed.isEmpty()) {
            throw new StartupException(
                    "There are rules under sluice.pipeline.processors, and " + RulesFile.PROPERTY + " is " + path + ".",
                    "Keep one of the two: only those of the file can change without a restart.");
        }
        RulesFile file = new RulesFile(path, environment, known);
        return file.rules(file.read());
    }

    /** Checks {@code settings}, which do not change. */
    public WorkerRules(SettingTree settings, RuleEnvironment environment) {
        this(settings, environment, null, "");
    }

    WorkerRules(SettingTree settings, RuleEnvironment environment, @Nullable RulesFile file, String version) {
        this.settings = settings;
        this.environment = environment;
        this.file = file;
        this.version = version;
        Rules checked = make();
        names = checked.names();
        growth = checked.growth();
    }

    private Rules make() {
        try {
            return Rules.compile(settings, environment);
        } catch (InvalidRulesException errors) {
            throw new StartupException(
                    requireNonNull(errors.getMessage()),
                    "Correct them; --sluice.dry-run with some events on the standard input shows what the rules do.",
                    errors);
        }
    }

    /** Where they stand, if they may change there. */
    @Nullable
    RulesFile file() {
        return file;
    }

    /** Tells them from others of the same file. */
    String version() {
        return version;
    }

    /** In the order in which events meet them. */
    public List<String> names() {
        return names;
    }

    /** By how much they may lengthen an event. */
    public RowGrowth growth() {
        return growth;
    }

    /** The same of rules that may come without a restart: memory that nothing else takes for good. */
    public RowGrowth laterGrowth() {
        int most = file == null ? 0 : Rules.mostPerByte().perByte();
        return new RowGrowth(Math.max(growth.perByte(), most), growth.perEvent());
    }

    /** The encoder with one worker's rules before it; without any, the encoder itself. */
    public RowEncoder before(RowEncoder encoder, RuleObserver observer) {
        return names.isEmpty() ? encoder : make().before(encoder, observer);
    }

    /** These rules for frame batches, counted by {@code observer}. */
    public RuleSet reportingTo(RuleObserver observer) {
        return new RuleSet() {
            @Override
            public RowGrowth growth() {
                return growth;
            }

            @Override
            public RowEncoder before(RowEncoder encoder) {
                return WorkerRules.this.before(encoder, observer);
            }
        };
    }
}
