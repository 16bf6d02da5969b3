package dev.sluice.rule.action;

import dev.sluice.event.LogEvent;
import dev.sluice.rule.field.RuleContext;

/** Drops the event on purpose. */
public final class FilterAction implements Action {

    @Override
    public boolean apply(LogEvent event, RuleContext context) {
        return false;
    }
}
