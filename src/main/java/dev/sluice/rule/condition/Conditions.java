package dev.sluice.rule.condition;

import dev.sluice.event.LogEvent;
import dev.sluice.rule.field.Field;
import dev.sluice.rule.field.RuleContext;
import dev.sluice.rule.field.Severities;
import dev.sluice.rule.search.Expression;
import dev.sluice.rule.search.Glob;
import dev.sluice.rule.settings.Settings;
import dev.sluice.text.Slice;
import java.util.ArrayList;
import java.util.List;

/** Makes conditions of what stands under {@code when}; what is cheap to look at is looked at first. */
public final class Conditions {

    private Conditions() {}

    /** All that stands there must hold; nothing there always holds. */
    public static Condition of(Settings when) {
        List<Condition> all = new ArrayList<>();
        int severities = Severities.bits(when, "severity");
        if (when.has("severity")) {
            all.add((event, context) -> event.severity() >= 0 && (severities >> event.severity() & 1) != 0);
        }
        add(all, when, "listener", Field.listener());
        add(all, when, "source", Field.source());
        add(all, when, "app", (event, context) -> event.app());
        add(all, when, "host", (event, context) -> event.host());
        when.map("attributes").forEach((name, value) -> all.add(is(Field.attribute(name), List.of(new Glob(value)))));
        for (String expression : when.items("message")) {
            Expression.of(expression, when, "message").ifPresent(found -> all.add(message(found)));
        }
        when.groups("all").forEach(each -> all.add(of(each)));
        if (when.has("any")) {
            all.add(any(when.groups("any")));
        }
        if (when.has("not")) {
            Condition any = any(when.groups("not"));
            all.add((event, context) -> !any.matches(event, context));
        }
        when.finish();
        return all(all);
    }

    private static void add(List<Condition> all, Settings when, String key, Field field) {
        List<Glob> globs = when.list(key).stream().map(Glob::new).toList();
        if (!globs.isEmpty()) {
            all.add(is(field, globs));
        } else if (when.has(key)) {
            when.error(key, "is empty, expected one or more texts, in which * stands for anything");
        }
    }

    private static Condition is(Field field, List<Glob> globs) {
        return (event, context) -> {
            Slice value = field.of(event, context);
            if (value.isPresent()) {
                for (int i = 0; i < globs.size(); i++) {
                    if (globs.get(i).matches(value)) {
                        return true;
                    }
                }
            }
            return false;
        };
    }

    private static Condition message(Expression expression) {
        return (event, context) -> {
            Slice message = event.message();
            return expression.matches(
                    context.pairsOfMessage(event),
                    message.array(),
                    message.offset(),
                    message.offset() + message.length());
        };
    }

    private static Condition all(List<Condition> list) {
        if (list.size() <= 1) {
            return list.isEmpty() ? Condition.ALWAYS : list.getFirst();
        }
        Condition[] all = list.toArray(Condition[]::new);
        return (event, context) -> holdsFor(all, event, context);
    }

    private static boolean holdsFor(Condition[] all, LogEvent event, RuleContext context) {
        for (Condition each : all) {
            if (!each.matches(event, context)) {
                return false;
            }
        }
        return true;
    }

    private static Condition any(List<Settings> groups) {
        List<Condition> any = groups.stream().map(Conditions::of).toList();
        return (event, context) -> {
            for (int i = 0; i < any.size(); i++) {
                if (any.get(i).matches(event, context)) {
                    return true;
                }
            }
            return false;
        };
    }
}
