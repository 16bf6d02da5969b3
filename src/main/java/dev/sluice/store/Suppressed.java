package dev.sluice.store;

/**
 * Rows that the database took without an error and did not keep, because a trigger of its owner swallowed them.
 *
 * @param events rows of {@code log_event}
 * @param deadLetters rows of {@code dead_letter}
 */
record Suppressed(int events, int deadLetters) {

    static final Suppressed NONE = new Suppressed(0, 0);

    Suppressed plus(Suppressed more) {
        return new Suppressed(events + more.events, deadLetters + more.deadLetters);
    }
}
