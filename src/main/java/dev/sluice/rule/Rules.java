package dev.sluice.rule;

import dev.sluice.event.RowEncoder;
import dev.sluice.event.RowGrowth;
import dev.sluice.rule.action.Action;
import dev.sluice.rule.action.Actions;
import dev.sluice.rule.action.FilterAction;
import dev.sluice.rule.condition.Condition;
import dev.sluice.rule.condition.Conditions;
import dev.sluice.rule.field.RuleContext;
import dev.sluice.rule.settings.Compilation;
import dev.sluice.rule.settings.InvalidRulesException;
import dev.sluice.rule.settings.RuleEnvironment;
import dev.sluice.rule.settings.SettingTree;
import dev.sluice.rule.settings.Settings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The configured rules, in order, ready to be run by one worker. */
public final class Rules {

    /** A rule's name is the value of a label. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}");

    /** Row bytes of an event whose text is empty; twice, as all of the text. */
    private static final int ROW_BYTES = 320;

    /** A decoder makes at most 8 bytes of rows out of a byte. */
    private static final int DECODED_BYTES_PER_BYTE = 8;

    private final List<Rule> list;

    private Rules(List<Rule> list) {
        this.list = List.copyOf(list);
    }

    /**
     * Makes the rules.
     *
     * @param processors a list, as it was configured
     * @throws InvalidRulesException with all that is wrong
     */
    public static Rules compile(SettingTree processors, RuleEnvironment environment) {
        Compilation compilation = new Compilation(environment);
        List<Rule> rules = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Settings all = new Settings(wrapped(processors), compilation);
        for (Settings settings : all.groups("processors")) {
            compilation.rule("?");
            String name = settings.text("name").orElse("");
            compilation.rule(name.isEmpty() ? "without a name" : name);
            if (!NAME.matcher(name).matches()) {
                settings.error("name", "is \"" + name + "\", expected 1 to 63 letters, digits, points, dashes");
            } else if (!names.add(name)) {
                settings.error("name", "is \"" + name + "\" as another rule's, expected a name of its own");
            }
            Condition condition = Conditions.of(settings.group("when"));
            rules.add(new Rule(name, condition, action(settings)));
            settings.finish();
        }
        if (!compilation.errors().isEmpty()) {
            throw new InvalidRulesException(compilation.errors());
        }
        return new Rules(rules);
    }

    private static SettingTree wrapped(SettingTree processors) {
        SettingTree parent = new SettingTree("");
        parent.children().put("processors", processors);
        return parent;
    }

    private static Action action(Settings settings) {
        Map<String, Function<Settings, Action>> types = Actions.types();
        List<String> chosen = types.keySet().stream().filter(settings::has).toList();
        if (chosen.size() != 1) {
            settings.error("has " + (chosen.isEmpty() ? "no action" : "the actions " + String.join(", ", chosen))
                    + ", expected exactly one of " + String.join(", ", types.keySet()));
            return new FilterAction();
        }
        Settings own = settings.group(chosen.getFirst());
        Action action = Objects.requireNonNull(types.get(chosen.getFirst())).apply(own);
        own.finish();
        return action;
    }

    /** Whether there is nothing to do. */
    public boolean isEmpty() {
        return list.isEmpty();
    }

    /** The names of the rules, in order. */
    public List<String> names() {
        return list.stream().map(Rule::name).toList();
    }

    /** How much larger rules may make rows that redact, extract or read the names of pods. */
    public static RowGrowth mostPerByte() {
        return new RowGrowth(RuleContext.ROOM_PER_BYTE * DECODED_BYTES_PER_BYTE, 0);
    }

    /** How much larger the rules may make rows. */
    public RowGrowth growth() {
        int fixed = list.stream().mapToInt(rule -> rule.action().bytesAdded()).sum();
        if (list.stream().noneMatch(rule -> rule.action().isGrowing())) {
            return fixed == 0 ? RowGrowth.NONE : new RowGrowth(0, fixed);
        }
        return new RowGrowth(
                RuleContext.ROOM_PER_BYTE * DECODED_BYTES_PER_BYTE,
                fixed + RuleContext.ROOM_BYTES + RuleContext.ROOM_PER_BYTE * ROW_BYTES);
    }

    /** Puts these rules before an encoder. */
    public RuleEncoder before(RowEncoder encoder, RuleObserver observer) {
        return new RuleEncoder(list, encoder, observer);
    }
}
