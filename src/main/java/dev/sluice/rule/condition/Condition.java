package dev.sluice.rule.condition;

import dev.sluice.event.LogEvent;
import dev.sluice.rule.field.RuleContext;

/** Which events a rule is for. */
public interface Condition {

    /** Matches every event. */
    Condition ALWAYS = (event, context) -> true;

    boolean matches(LogEvent event, RuleContext context);
}
