package dev.sluice.rule.action;

import dev.sluice.event.LogEvent;
import dev.sluice.rule.field.RuleContext;
import dev.sluice.rule.settings.Settings;

/** What a rule does to an event that its condition matches. Made of {@link Settings}; one instance a worker. */
public interface Action {

    /**
     * Changes the event in place.
     *
     * @return whether it goes on; if not, it is filtered: counted and gone
     */
    boolean apply(LogEvent event, RuleContext context);

    /** The most bytes of JSON text that it adds to any event, however small the event. */
    default int bytesAdded() {
        return 0;
    }

    /** Whether it may add more, out of what {@link RuleContext#take} allows. */
    default boolean isGrowing() {
        return false;
    }

    /** How many texts it changed in a coarser way than it was told since this was asked, to bound its work. */
    default long takeTextsCutShort() {
        return 0;
    }
}
