package dev.sluice.rule;

import dev.sluice.event.LogEvent;
import dev.sluice.rule.condition.Condition;
import dev.sluice.rule.condition.Conditions;
import dev.sluice.rule.field.RuleContext;
import dev.sluice.rule.search.Literal;
import dev.sluice.rule.settings.Compilation;
import dev.sluice.rule.settings.ConfigError;
import dev.sluice.rule.settings.RuleEnvironment;
import dev.sluice.rule.settings.SettingTree;
import dev.sluice.rule.settings.Settings;
import dev.sluice.text.Slice;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which events somebody wants to see, in the words that rules have for it, and no more of them: an expression for each
 * event would be work for the workers that a reader orders.
 */
public final class EventFilter {

    private static final Set<String> OF_RULES = Set.of("listener", "source", "host", "app", "severity");
    private static final String TEXT = "text";

    /** What is looked for may be compared with each byte of an event, and an event may be made of almost that. */
    private static final int VALUE_MAX = 200;

    private final Condition condition;
    private final @Nullable Literal text;
    private final boolean matchesAll;

    private EventFilter(Condition condition, @Nullable Literal text, boolean matchesAll) {
        this.condition = condition;
        this.text = text;
        this.matchesAll = matchesAll;
    }

    /**
     * The filter that the parameters of a request name.
     *
     * @throws IllegalArgumentException if they are wrong; the message is for who asked
     */
    public static EventFilter of(Map<String, List<String>> parameters) {
        SettingTree tree = new SettingTree("filter");
        @Nullable Literal text = null;
        for (Map.Entry<String, List<String>> parameter : parameters.entrySet()) {
            String name = parameter.getKey();
            String value = String.join(",", parameter.getValue());
            if (value.length() > VALUE_MAX) {
                throw new IllegalArgumentException(
                        "a value has " + value.length() + " characters, expected " + VALUE_MAX + " or fewer");
            }
            if (name.equals(TEXT) && !value.isEmpty()) {
                text = new Literal(value, true);
            } else if (OF_RULES.contains(name) && !value.isEmpty()) {
                tree.name(name).value(value);
            } else {
                throw new IllegalArgumentException("\"" + name + "\" is "
                        + (value.isEmpty() ? "empty" : "unknown") + ", expected one or more of "
                        + OF_RULES.stream().sorted().collect(Collectors.joining(", ")) + ", " + TEXT);
            }
        }
        return new EventFilter(condition(tree), text, parameters.isEmpty());
    }

    private static Condition condition(SettingTree tree) {
        Compilation compilation = new Compilation(new RuleEnvironment(ZoneOffset.UTC, 1, name -> null));
        Condition condition = Conditions.of(new Settings(tree, compilation));
        if (!compilation.errors().isEmpty()) {
            ConfigError error = compilation.errors().getFirst();
            throw new IllegalArgumentException(error.property() + ": " + error.text());
        }
        return condition;
    }

    /** Whether they are all events. */
    public boolean matchesAll() {
        return matchesAll;
    }

    /** Whether {@code event} is one of them; {@code context} knows where it comes from. */
    public boolean matches(LogEvent event, RuleContext context) {
        return condition.matches(event, context) && (text == null || isIn(event.message(), text));
    }

    private static boolean isIn(Slice message, Literal text) {
        int from = message.offset();
        return message.length() >= text.length() && text.find(message.array(), from, from + message.length()) >= 0;
    }
}
