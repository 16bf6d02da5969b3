package dev.sluice.rule;

import dev.sluice.event.LogEvent;

/** Which events a rule is for. */
interface Condition {

    /** Matches every event. */
    Condition ALWAYS = (event, work) -> true;

    boolean matches(LogEvent event, Work work);
}
