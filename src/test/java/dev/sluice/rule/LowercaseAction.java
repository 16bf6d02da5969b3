package dev.sluice.rule;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.event.LogEvent;
import dev.sluice.rule.action.Action;
import dev.sluice.rule.field.RuleContext;
import dev.sluice.rule.settings.Settings;
import java.util.Locale;

/** Writes the application in lower case. */
final class LowercaseAction implements Action {

    LowercaseAction(Settings settings) {
        if (settings.text("field").isEmpty()) {
            settings.error("field", "is missing, expected app");
        }
    }

    @Override
    public boolean apply(LogEvent event, RuleContext context) {
        if (event.app().isPresent()) {
            event.app().set(event.app().toString().toLowerCase(Locale.ROOT).getBytes(UTF_8));
        }
        return true; // false filters the event
    }
}
