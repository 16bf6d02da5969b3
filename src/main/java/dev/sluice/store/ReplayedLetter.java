package dev.sluice.store;

import org.jspecify.annotations.Nullable;

/**
 * What became of one dead letter.
 *
 * @param reason why it was kept
 * @param events rows that are stored of it
 * @param deadLetters parts of it that are dead letters of their own now
 * @param newReason why it stays, where that is another reason
 * @param detail more about it, or the first event as JSON
 */
public record ReplayedLetter(
        String reason,
        ReplayOutcome outcome,
        int events,
        int deadLetters,
        @Nullable String newReason,
        @Nullable String detail) {}
