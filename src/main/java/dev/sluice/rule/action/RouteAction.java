package dev.sluice.rule.action;

import dev.sluice.event.LogEvent;
import dev.sluice.rule.field.RuleContext;
import dev.sluice.rule.field.Severities;
import dev.sluice.rule.settings.Settings;
import java.util.Map;

/**
 * Sends the event elsewhere or changes its severity. An event that will be a dead letter still goes through the rules
 * that follow, so that a later redaction is not missed.
 */
final class RouteAction implements Action {

    /** A dead letter is JSON with the names of all columns. */
    private static final int DEAD_LETTER_BYTES = 512;

    private final boolean deadLetter;
    private final int severity;
    private final String rule;

    RouteAction(Settings settings) {
        rule = settings.rule();
        deadLetter = settings.word("dead-letter", Map.of("true", true, "false", false))
                .orElse(false);
        severity = settings.word("severity", Severities.names()).orElse(LogEvent.UNKNOWN);
        if (!deadLetter && severity == LogEvent.UNKNOWN) {
            settings.error("leads nowhere, expected dead-letter: true, or severity with one of "
                    + String.join(", ", Severities.names().keySet()));
        }
    }

    @Override
    public boolean apply(LogEvent event, RuleContext context) {
        if (severity != LogEvent.UNKNOWN) {
            event.severity(severity);
        }
        if (deadLetter) {
            context.route(rule);
        }
        return true;
    }

    @Override
    public int bytesAdded() {
        return deadLetter ? DEAD_LETTER_BYTES : 0;
    }
}
