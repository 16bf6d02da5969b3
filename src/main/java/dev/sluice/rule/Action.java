package dev.sluice.rule;

import dev.sluice.event.LogEvent;

/** What a rule does to an event that its condition matches. Made of {@link Settings}; one instance a worker. */
interface Action {

    /**
     * Changes the event in place.
     *
     * @return whether it goes on; if not, it is filtered: counted and gone
     */
    boolean apply(LogEvent event, Work work);

    /** The most bytes of JSON text that it adds to any event, however small the event. */
    default int bytesAdded() {
        return 0;
    }

    /** Whether it may add more, out of what {@link Work#take} allows. */
    default boolean isGrowing() {
        return false;
    }

    /** How many texts it changed in a coarser way than it was told since this was asked, to bound its work. */
    default long takeTextsCutShort() {
        return 0;
    }
}
