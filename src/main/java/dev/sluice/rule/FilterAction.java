package dev.sluice.rule;

import dev.sluice.event.LogEvent;

/** Drops the event on purpose. */
final class FilterAction implements Action {

    @Override
    public boolean apply(LogEvent event, Work work) {
        return false;
    }
}
