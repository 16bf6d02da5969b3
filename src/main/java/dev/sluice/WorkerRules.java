package dev.sluice;

import dev.sluice.event.RowEncoder;
import dev.sluice.event.RowGrowth;
import dev.sluice.rule.RuleObserver;
import dev.sluice.rule.Rules;
import dev.sluice.rule.settings.RuleEnvironment;
import dev.sluice.rule.settings.SettingTree;
import java.util.List;

/** The configured rules, checked once at start, made anew for each worker: rules are not thread-safe. */
final class WorkerRules {

    private final SettingTree settings;
    private final RuleEnvironment environment;
    private final Rules checked;

    WorkerRules(SettingTree settings, RuleEnvironment environment) {
        this.settings = settings;
        this.environment = environment;
        checked = make();
    }

    private Rules make() {
        return Rules.compile(settings, environment);
    }

    List<String> names() {
        return checked.names();
    }

    RowGrowth growth() {
        return checked.growth();
    }

    /** The encoder with one worker's rules before it; without any, the encoder itself. */
    RowEncoder before(RowEncoder encoder, RuleObserver observer) {
        return checked.isEmpty() ? encoder : make().before(encoder, observer);
    }
}
