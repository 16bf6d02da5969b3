package dev.sluice.rule;

import java.util.List;

/** Sees rules come into force while the service runs. */
public interface ReloadObserver {

    /** Rules of these names come into force: where they report. */
    RuleObserver ruling(List<String> names);

    /** Others were found, and are in force or were refused. */
    void reloaded(boolean isAccepted);
}
